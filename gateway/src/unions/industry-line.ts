import type { ReadModel } from '@unionfold/eventsourcing';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation, reference } from '../http/operation.ts';
import { pageFields, pageOf } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { UnionDocument } from '../read-models/federation/documents.ts';
import { ChildUnion, unionFacts } from './answers.ts';
import { pageOfUnions } from './union-pages.ts';

/** Longest industry line that is walked upwards; a guard against damaged data. */
const deepest = 32;

/**
 * The industry line (产业隶属). Scope follows the line that leads: the territorial one, or, where an industry is managed
 * from above (railways, civil aviation, finance), the industry union that such a union stands under in the tree. Of those
 * whom it leads together with a territorial federation, an industry union sees the directory and the totals, and nothing
 * of persons, cases or records. Source: 《中国工会章程》 on dual leadership (双重领导).
 */
export function industryLineQueries(api: Api, context: GatewayContext): void {
  const { federation } = context;
  api.get(
    '/unions/:unionId/industry-line',
    operation({
      id: 'listIndustryLine',
      tag: 'unions',
      summary: {
        zh: '产业下级工会',
        en: 'Unions that stand under an industry union in the industry line',
      },
      description:
        '双重领导:产业工会可见其产业下级工会的名录和统计,无论其地方隶属在何处;个人、档案、登记信息仍只在本级管辖范围内可见。\n\n' +
        'Dual leadership: an industry union sees the directory and the totals of those that stand under it in the ' +
        'industry line, wherever they stand; persons, cases and records only within its own jurisdiction.',
      roles: ['cadre', 'operator'],
      params: Type.Object({ unionId: Type.String() }),
      querystring: Type.Object({ ...pageFields }),
      answer: pageOf(reference(ChildUnion)),
      problems: ['union-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { unionId } = request.params;
      if (!(await isInLine(federation, scope, unionId))) {
        throw refused('union-unknown', { field: 'unionId' });
      }
      return await pageOfUnions(
        federation,
        { industryParentId: unionId },
        request.query,
        (union) => {
          const facts = unionFacts(union, scope);
          const { parentId: _, ...apart } = facts;
          // Where it stands otherwise is not the industry's to know.
          return scope.covers(union.path) ? facts : apart;
        },
      );
    },
  );
}

/** Whether a union is in the jurisdiction, or stands under one that is in the industry line. */
async function isInLine(federation: ReadModel, scope: Scope, unionId: string): Promise<boolean> {
  let id = unionId;
  for (let steps = 0; steps < deepest && id !== ''; steps++) {
    const union = (await federation.get('unions', id)) as UnionDocument | undefined;
    if (union === undefined || union.status === 'unknown') return false;
    if (scope.covers(union.path)) return true;
    id = union.industryParentId;
  }
  return false;
}
