import { synthetic } from '@unionfold/codes';
import { type Exchange, problemOf } from '../api/exchange.ts';
import { settled } from '../api/operations.ts';
import type { ApiRequest, Caller } from '../api/platform-client.ts';
import { storyPerson } from '../people.ts';
import { places, type Scene } from '../scene.ts';
import type { ExpectedProblem } from '../telling/checks.ts';
import { type FoundedUnion, storySeed } from './establishment.ts';
import { moveTotals } from './move.ts';

/** Something wrong, and what it must be answered with. */
interface BadRequest {
  readonly what: string;
  readonly request: ApiRequest;
  readonly problem: ExpectedProblem;
}

/** Bad input is told apart, field by field, in two languages, and leaves nothing behind. */
export async function badInput(
  { story, platform, people }: Scene,
  union: FoundedUnion,
): Promise<void> {
  const { county, operator } = people;
  const heads = await settled(operator);
  const before = await moveTotals(people);

  for (const [zh, en, requests] of [
    [
      '填错的内容:证件号、信用代码、日期、手机号、未知的工会、过期的版本',
      'Wrong contents: citizen number, credit code, date, mobile, unknown union, stale version',
      wrongContents(union.id),
    ],
    [
      '不合格式的请求:多出的字段、类型不符、缺少字段、破损的 JSON、过大的请求体、别的媒体类型',
      'Malformed requests: unknown field, wrong type, missing field, broken JSON, oversized body, another media type',
      malformed(union.id),
    ],
  ] as const) {
    await story.step(zh, en, async (check) => {
      for (const { what, request, problem } of requests) {
        const chinese = await attemptIn('zh-CN', county, request);
        check.refused(what, chinese, problem);
        checkLanguage(check, what, chinese, /\p{Script=Han}/u, '中文');
        const english = await attemptIn('en', county, request);
        check.refused(`${what} (en)`, english, problem);
        checkLanguage(check, what, english, /^[^\p{Script=Han}]*$/u, 'English');
      }
    });
  }

  await story.step(
    '没有令牌、破损的令牌、权限不足、不存在的地址和方法',
    'No token, a broken token, a role that may not, unknown addresses and methods',
    async (check) => {
      const path = `/api/v1/unions/${places.county}`;
      const anonymous = await platform.send({ method: 'GET', path });
      check.refused('没有令牌 no token', anonymous, { status: 401, code: 'unauthenticated' });
      for (const authorization of ['Bearer not-a-token', 'Basic YWRtaW46YWRtaW4=']) {
        const broken = await platform.send({ method: 'GET', path, headers: { authorization } });
        check.refused(authorization, broken, { status: 401, code: 'token-malformed' });
        check.holds(
          'WWW-Authenticate',
          broken.headers.get('www-authenticate')?.startsWith('Bearer') === true,
          'Bearer …',
          broken.headers.get('www-authenticate'),
        );
      }
      const consumers = await county.attempt({
        method: 'GET',
        path: '/api/v1/operations/consumers',
      });
      check.refused('干部不是运维 a cadre is no operator', consumers, {
        status: 403,
        code: 'forbidden',
      });
      const nowhere = await county.attempt({ method: 'GET', path: '/api/v1/no-such-thing' });
      check.refused('没有的地址 no such address', nowhere, { status: 404, code: 'not-found' });
      const method = await county.attempt({ method: 'POST', path, body: {} });
      check.refused('没有的方法 no such method', method, {
        status: 405,
        code: 'method-not-allowed',
      });
    },
  );

  await story.step(
    '以上全部没有留下任何事件:各级合计与日志位置都不变',
    'None of it left an event behind: totals and the positions of the log are the same',
    async (check) => {
      check.equal('合计 totals', await moveTotals(people), before);
      check.equal('日志位置 positions', await settled(operator), heads);
    },
  );
}

function wrongContents(unionId: string): BadRequest[] {
  const person = storyPerson(950);
  const enterprise = synthetic(storySeed).enterprise(50, '370202');
  const enrolment = {
    unionId,
    name: person.name,
    citizenNumber: person.citizenNumber,
    synthetic: true,
  };
  const establishment = {
    name: enterprise.unionName,
    type: 'enterprise',
    territorialParentId: places.county,
    synthetic: true,
  };
  const enrol = (change: object): ApiRequest => ({
    method: 'POST',
    path: '/api/v1/members',
    body: { ...enrolment, ...change },
  });
  const establish = (change: object): ApiRequest => ({
    method: 'POST',
    path: '/api/v1/unions',
    body: { ...establishment, ...change },
  });
  const invalid = (code: string, field: string) => ({ status: 422, code, field });
  const number = person.citizenNumber;
  return [
    {
      what: '校验码不符 wrong check digit',
      request: enrol({ citizenNumber: withOtherEnd(number) }),
      problem: invalid('citizen-number-invalid-check-digit', 'citizenNumber'),
    },
    {
      what: '位数不符 wrong length',
      request: enrol({ citizenNumber: number.slice(0, 15) }),
      problem: invalid('citizen-number-invalid-length', 'citizenNumber'),
    },
    {
      what: '没有这一天 no such day',
      request: enrol({ citizenNumber: '370202199002309991' }),
      problem: invalid('citizen-number-invalid-birth-date', 'citizenNumber'),
    },
    {
      what: '没有姓名 no name',
      request: enrol({ name: '  ' }),
      problem: invalid('name-missing', 'name'),
    },
    {
      what: '手机号 mobile',
      request: enrol({ mobile: '12345' }),
      problem: invalid('mobile-invalid', 'mobile'),
    },
    {
      what: '入会日期 date',
      request: enrol({ joinedOn: '2026-02-30' }),
      problem: invalid('date-invalid', 'joinedOn'),
    },
    {
      what: '未知工会 unknown union',
      request: enrol({ unionId: 'no-such-union' }),
      problem: { status: 404, code: 'union-unknown', field: 'unionId' },
    },
    {
      what: '信用代码 credit code',
      request: establish({ creditCode: withOtherEnd(enterprise.unionCreditCode) }),
      problem: invalid('credit-code-invalid-check-digit', 'creditCode'),
    },
    {
      what: '企业而非工会的信用代码 an employer’s credit code',
      request: establish({ creditCode: enterprise.creditCode }),
      problem: invalid('credit-code-not-a-union', 'creditCode'),
    },
    {
      what: '未知上级 unknown upper union',
      request: establish({ territorialParentId: 'no-such-union' }),
      problem: invalid('parent-unknown', 'territorialParentId'),
    },
    {
      what: '未知区划 unknown division',
      request: establish({ regionCode: '999999' }),
      problem: invalid('region-code-unknown', 'regionCode'),
    },
    {
      what: '过期版本 stale version',
      request: {
        method: 'POST',
        path: `/api/v1/unions/${unionId}/rename`,
        body: { name: '新名称(演示)', expectedVersion: 1 },
      },
      problem: { status: 409, code: 'version-conflict' },
    },
  ];
}

function malformed(unionId: string): BadRequest[] {
  const post = (path: string, body: unknown, headers: ApiRequest['headers'] = {}): ApiRequest => ({
    method: 'POST',
    path,
    body,
    headers,
  });
  const json = { 'content-type': 'application/json' };
  const rename = `/api/v1/unions/${unionId}/rename`;
  return [
    {
      what: '多出的字段 unknown field',
      request: post(rename, { name: '新名称(演示)', nmae: '拼错了' }),
      problem: { status: 422, code: 'unknown-field', field: 'nmae' },
    },
    {
      what: '类型不符 wrong type',
      request: post(rename, { name: 42 }),
      problem: { status: 422, code: 'field-type-wrong', field: 'name' },
    },
    {
      what: '缺少字段 missing field',
      request: post(rename, {}),
      problem: { status: 422, code: 'field-missing', field: 'name' },
    },
    {
      what: '值不在范围内 a value that is not allowed',
      request: post('/api/v1/unions', {
        name: '某工会',
        type: 'guild',
        territorialParentId: places.county,
      }),
      problem: { status: 422, code: 'field-value-not-allowed', field: 'type' },
    },
    {
      what: '破损的 JSON broken JSON',
      request: post(rename, '{"name": "', json),
      problem: { status: 400, code: 'malformed-json' },
    },
    {
      what: '过大的请求体 oversized body',
      request: post(rename, JSON.stringify({ name: '长'.repeat(1_000_000) }), json),
      problem: { status: 413, code: 'body-too-large' },
    },
    {
      what: '别的媒体类型 another media type',
      request: post(rename, '<name/>', { 'content-type': 'application/xml' }),
      problem: { status: 415, code: 'unsupported-media-type' },
    },
    {
      what: '位置标记 position token',
      request: {
        method: 'GET',
        path: `/api/v1/unions/${unionId}`,
        headers: { 'unionfold-position': 'nonsense' },
      },
      problem: { status: 400, code: 'position-token-invalid' },
    },
    {
      what: '翻页标记 page token',
      request: { method: 'GET', path: '/api/v1/unions?cursor=nonsense' },
      problem: { status: 400, code: 'page-token-invalid', field: 'cursor' },
    },
    {
      what: '幂等键 idempotency key',
      request: post(rename, { name: '新名称(演示)' }, { 'idempotency-key': 'k'.repeat(256) }),
      problem: { status: 400, code: 'idempotency-key-invalid', field: 'Idempotency-Key' },
    },
  ];
}

async function attemptIn(language: string, caller: Caller, request: ApiRequest): Promise<Exchange> {
  const headers = { ...request.headers, 'accept-language': language };
  return await caller.attempt({ ...request, headers });
}

function checkLanguage(
  check: {
    holds(what: string, condition: boolean, expected: string, came: unknown, of?: Exchange): void;
  },
  what: string,
  exchange: Exchange,
  script: RegExp,
  expected: string,
): void {
  const problem = problemOf(exchange);
  const texts = [
    problem?.title ?? '',
    problem?.remedy ?? '',
    ...(problem?.errors ?? []).map(({ reason }) => reason),
  ];
  const holds = texts.every((text) => text !== '' && script.test(text));
  check.holds(`${what}: 语言 language`, holds, expected, texts, exchange);
}

/** The same code with another last character: its check no longer fits. */
function withOtherEnd(code: string): string {
  return code.slice(0, -1) + (code.endsWith('1') ? '2' : '1');
}
