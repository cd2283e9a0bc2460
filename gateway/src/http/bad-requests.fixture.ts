import type { Sending } from '../gateway-world.fixture.ts';

const json = { 'content-type': 'application/json' };
const person = { unionId: 'works', name: '王小明', citizenNumber: '1' };

/** A request that must be refused, to a world with one union `works`, and with what. */
export interface BadRequest {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly sending?: Sending;
  readonly status: number;
  readonly code: string;
  /** Fields at fault with their codes. */
  readonly errors?: readonly (readonly [string, string])[];
}

/** What callers get wrong, one request each. */
export const badRequests: readonly BadRequest[] = [
  {
    what: 'a field that there is not',
    path: '/members',
    sending: { body: { ...person, nmae: '王' } },
    status: 422,
    code: 'unknown-field',
    errors: [['nmae', 'unknown-field']],
  },
  {
    what: 'a field __proto__',
    path: '/members',
    sending: {
      raw: `{"unionId":"works","name":"王","citizenNumber":"1","__proto__":{"synthetic":true}}`,
      headers: json,
    },
    status: 422,
    code: 'unknown-field',
    errors: [['__proto__', 'unknown-field']],
  },
  {
    what: 'a missing field',
    path: '/members',
    sending: { body: { unionId: 'works', name: '王' } },
    status: 422,
    code: 'field-missing',
    errors: [['citizenNumber', 'field-missing']],
  },
  {
    what: 'a number where a text belongs',
    path: '/members',
    sending: { body: { ...person, mobile: 13812345678 } },
    status: 422,
    code: 'field-type-wrong',
    errors: [['mobile', 'field-type-wrong']],
  },
  {
    what: 'a text where a number belongs, which is not converted',
    path: '/hardship-cases/case/approve',
    sending: { body: { amountFen: '100' } },
    status: 422,
    code: 'field-type-wrong',
    errors: [['amountFen', 'field-type-wrong']],
  },
  {
    what: 'a negative amount',
    path: '/hardship-cases/case/approve',
    sending: { body: { amountFen: -1 } },
    status: 422,
    code: 'field-out-of-range',
    errors: [['amountFen', 'field-out-of-range']],
  },
  {
    what: 'a kind that there is not',
    path: '/unions',
    sending: { body: { name: '新', type: 'galactic', territorialParentId: 'works' } },
    status: 422,
    code: 'field-value-not-allowed',
    errors: [['type', 'field-value-not-allowed']],
  },
  {
    what: 'a day that the calendar does not have',
    path: '/members',
    sending: { body: { ...person, joinedOn: '2026-02-29' } },
    status: 422,
    code: 'date-invalid',
    errors: [['joinedOn', 'date-invalid']],
  },
  {
    what: 'a text without end',
    path: '/members',
    sending: { body: { ...person, mobile: '1'.repeat(33) } },
    status: 422,
    code: 'text-too-long',
    errors: [['mobile', 'text-too-long']],
  },
  {
    what: 'many faults at once',
    path: '/members',
    sending: { body: { name: 1, citizenNumber: true, extra: '' } },
    status: 422,
    code: 'validation-failed',
    errors: [
      ['unionId', 'field-missing'],
      ['extra', 'unknown-field'],
      ['name', 'field-type-wrong'],
      ['citizenNumber', 'field-type-wrong'],
    ],
  },
  {
    what: 'no body',
    path: '/members',
    status: 422,
    code: 'field-missing',
    errors: [['body', 'field-missing']],
  },
  {
    what: 'a list for a body',
    path: '/members',
    sending: { body: [] },
    status: 422,
    code: 'field-type-wrong',
    errors: [['body', 'field-type-wrong']],
  },
  {
    what: 'broken JSON',
    path: '/members',
    sending: { raw: '{"name": ', headers: json },
    status: 400,
    code: 'malformed-json',
  },
  {
    what: 'JSON that is no UTF-8',
    path: '/members',
    sending: { raw: new Uint8Array([0x22, 0xc3, 0x28, 0x22]), headers: json },
    status: 400,
    code: 'malformed-json',
  },
  {
    what: 'another media type',
    path: '/members',
    sending: { raw: '<name/>', headers: { 'content-type': 'application/xml' } },
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    what: 'JSON for a spreadsheet',
    path: '/members/import?unionId=works',
    sending: { body: {} },
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    what: 'a body over the limit',
    path: '/members',
    sending: { raw: `{"name":"${'x'.repeat(1024 * 1024)}"}`, headers: json },
    status: 413,
    code: 'body-too-large',
  },
  {
    what: 'a query field that there is not',
    method: 'GET',
    path: '/unions?qurey=x',
    status: 422,
    code: 'unknown-field',
    errors: [['qurey', 'unknown-field']],
  },
  {
    what: 'a limit that is no number',
    method: 'GET',
    path: '/unions?limit=many',
    status: 422,
    code: 'field-type-wrong',
    errors: [['limit', 'field-type-wrong']],
  },
  {
    what: 'a limit out of range',
    method: 'GET',
    path: '/unions?limit=201',
    status: 422,
    code: 'field-out-of-range',
    errors: [['limit', 'field-out-of-range']],
  },
  {
    what: 'a cursor that nobody gave',
    method: 'GET',
    path: '/unions?cursor=abc',
    status: 400,
    code: 'page-token-invalid',
    errors: [['cursor', 'page-token-invalid']],
  },
  {
    what: 'a position that nobody gave',
    method: 'GET',
    path: '/unions?position=somewhere',
    status: 400,
    code: 'position-token-invalid',
    errors: [['Unionfold-Position', 'position-token-invalid']],
  },
  {
    what: 'an empty idempotency key',
    path: '/members',
    sending: { body: person, headers: { 'idempotency-key': '' } },
    status: 400,
    code: 'idempotency-key-invalid',
    errors: [['Idempotency-Key', 'idempotency-key-invalid']],
  },
  {
    what: 'an endless idempotency key',
    path: '/members',
    sending: { body: person, headers: { 'idempotency-key': 'k'.repeat(256) } },
    status: 400,
    code: 'idempotency-key-invalid',
    errors: [['Idempotency-Key', 'idempotency-key-invalid']],
  },
  {
    what: 'an If-Match that is no version',
    path: '/unions/works/rename',
    sending: { body: { name: '新' }, headers: { 'if-match': 'W/"1"' } },
    status: 422,
    code: 'field-format-wrong',
    errors: [['If-Match', 'field-format-wrong']],
  },
  {
    what: 'an unknown union',
    path: '/members',
    sending: { body: { ...person, unionId: 'nowhere' } },
    status: 404,
    code: 'union-unknown',
    errors: [['unionId', 'union-unknown']],
  },
  {
    what: 'a search by half a citizen number',
    path: '/members/search',
    sending: { body: { citizenNumber: '370202' } },
    status: 422,
    code: 'citizen-number-invalid-length',
    errors: [['citizenNumber', 'citizen-number-invalid-length']],
  },
  {
    what: 'a search by half a mobile number',
    path: '/members/search',
    sending: { body: { mobile: '138' } },
    status: 422,
    code: 'mobile-invalid',
    errors: [['mobile', 'mobile-invalid']],
  },
  {
    what: 'an address that there is not',
    method: 'GET',
    path: '/unoins',
    status: 404,
    code: 'not-found',
  },
  {
    what: 'a method that the address does not take',
    method: 'DELETE',
    path: '/unions/works',
    status: 405,
    code: 'method-not-allowed',
  },
];
