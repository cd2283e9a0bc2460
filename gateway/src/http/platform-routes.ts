import { isProblemCode, problems } from '@unionfold/contracts/problems';
import Type from 'typebox';
import type { Readiness } from '../operations/health.ts';
import type { Api } from './exchange.ts';
import { operation } from './operation.ts';
import { problemType } from './problem-document.ts';
import { refused } from './refused.ts';

/** Health, readiness, and what each problem means: open to everybody. */
export function platformRoutes(api: Api, ready: () => Promise<Readiness>): void {
  api.get(
    '/healthz',
    operation({
      id: 'health',
      tag: 'platform',
      summary: { zh: '进程存活', en: 'The process lives' },
      isPublic: true,
      answer: Type.Object({ status: Type.String() }),
    }),
    async () => ({ status: 'alive' }),
  );

  api.get(
    '/readyz',
    {
      ...operation({
        id: 'readiness',
        tag: 'platform',
        summary: { zh: '各部分就绪情况', en: 'Whether every part works; 503 when one does not' },
        isPublic: true,
        alsoAs: { 503: 'A part does not work; the answer tells which, and why' },
        answer: Type.Object({
          ready: Type.Boolean(),
          parts: Type.Array(
            Type.Object({ part: Type.String(), ready: Type.Boolean(), detail: Type.String() }),
          ),
        }),
      }),
    },
    async (_request, reply) => {
      const state = await ready();
      if (!state.ready) reply.raw.statusCode = 503;
      return { ready: state.ready, parts: [...state.parts] };
    },
  );

  api.get(
    '/problems/:code',
    operation({
      id: 'explainProblem',
      tag: 'platform',
      summary: { zh: '问题说明', en: 'What a problem means and what to do' },
      isPublic: true,
      params: Type.Object({ code: Type.String() }),
      answer: Type.Object({
        type: Type.String(),
        code: Type.String(),
        status: Type.Integer(),
        title: Type.String(),
        detail: Type.String(),
        remedy: Type.String(),
      }),
      problems: ['not-found'],
    }),
    async (request) => {
      const { code } = request.params;
      if (!isProblemCode(code)) throw refused('not-found');
      const { http, title, detail, remedy } = problems[code];
      const { locale } = request;
      return {
        type: problemType(code),
        code,
        status: http,
        title: title[locale],
        detail: detail[locale],
        remedy: remedy[locale],
      };
    },
  );
}
