import type { PlannedChange } from '@unionfold/contracts';
import { UnionType } from '@unionfold/contracts';
import type { CallOrigin } from '@unionfold/service-kit';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, callerOf, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { granted, refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { TermDocument } from '../read-models/federation/committee-documents.ts';
import type {
  ChangeDocument,
  FundLineDocument,
  StatisticsDocument,
} from '../read-models/federation/documents.ts';
import { unionTypes } from '../unions/answers.ts';
import { requireIndustryUnion } from '../unions/industry-union.ts';
import { Change, changeAnswer, changeKinds, changeStatuses, Impact } from './answers.ts';

const changeParams = Type.Object({ changeId: Type.String() });
const roles = ['cadre'] as const;

/** What every step that ends a matter says. */
interface Ending {
  readonly changeId: string;
  readonly reason: string;
  readonly expectedVersion: bigint;
}

/** Documents of a union that are counted one by one, at most. */
const mostCounted = 10_000;

const plannedFields = {
  kind: wordSchema(changeKinds, '变更类别 | Kind of change.'),
  unionId: idField('要变更的工会 | The union to be changed.'),
  effectiveOn: Type.Optional(
    Type.String({
      format: 'date',
      description: '生效日期,默认今天 | The day on which it takes effect; default today.',
    }),
  ),
  ...reasonField,
  name: Type.Optional(Type.String({ maxLength: 400, description: '更名:新名称 | The new name.' })),
  toParentId: Type.Optional(
    Type.String({
      maxLength: 64,
      description: '变更隶属:新的上级工会 | The new upper union, or industry union.',
    }),
  ),
  successorId: Type.Optional(
    Type.String({
      maxLength: 64,
      description: '合并:存续工会;撤销:接续工会 | Merged into; or who takes over.',
    }),
  ),
  unionType: Type.Optional(wordSchema(unionTypes, '变更类型:新类型 | The new type.')),
  parts: Type.Optional(
    Type.Array(
      Type.Object(
        {
          name: Type.String({ maxLength: 400 }),
          creditCode: Type.Optional(Type.String({ maxLength: 64 })),
          subordinateIds: Type.Optional(Type.Array(Type.String(), { maxItems: 5_000 })),
          unitCreditCodes: Type.Optional(Type.Array(Type.String(), { maxItems: 5_000 })),
          memberIds: Type.Optional(Type.Array(Type.String(), { maxItems: 5_000 })),
        },
        { additionalProperties: false },
      ),
      { maxItems: 50, description: '分立:分出的工会 | The unions that come out of it.' },
    ),
  ),
};

const PlannedChangeBody = body(plannedFields, {
  examples: [{ kind: 'move', unionId: '01k2ab3cd4ef5gh6jk7m', toParentId: 'cn-370203' }],
});

const ProposedChange = body(
  {
    ...plannedFields,
    approvalDocument: Type.Optional(
      Type.String({
        maxLength: 200,
        description: '批复文号:上级工会直接办理时填写 | The caller’s union approves it at once.',
      }),
    ),
    ...versionField,
  },
  {
    examples: [
      {
        kind: 'merge',
        unionId: '01k2ab3cd4ef5gh6jk7m',
        successorId: '01k2ab3cd4ef5gh6jk7n',
        reason: '企业合并',
        approvalDocument: '青工发〔2026〕30号',
      },
    ],
  },
);

const planProblems = [
  'union-unknown',
  'union-dissolved',
  'union-not-live',
  'union-suspended',
  'change-kind-missing',
  'date-invalid',
  'effective-date-past',
  'name-missing',
  'name-too-long',
  'parent-required',
  'parent-unknown',
  'parent-not-live',
  'parent-level-not-allowed',
  'move-into-own-subtree',
  'national-federation-fixed',
  'union-type-missing',
  'subordinates-do-not-fit',
  'successor-invalid',
  'split-parts-missing',
  'split-parts-overlap',
  'subordinate-unknown',
  'too-many-subordinates',
  'unit-not-covered',
  'credit-code-taken',
  'union-not-dissolved',
] as const;

/** Structural changes (变更事项): previewed, put forward, approved, taken back, undone. */
export function changeRoutes(api: Api, context: GatewayContext): void {
  const { federation } = context;
  const { organizations } = context.services;
  for (const schema of [Change, Impact]) api.addSchema(schema);

  api.post(
    '/changes/preview',
    operation({
      id: 'previewChange',
      tag: 'changes',
      summary: { zh: '预演变更事项', en: 'Tell what a structural change would do' },
      description:
        '不作任何改动 | Nothing is changed: the rules are checked, and what the change would touch is counted.',
      roles,
      body: PlannedChangeBody,
      answer: Impact,
      problems: planProblems,
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const plan = await planOf(scope, request.body);
      const preview = granted(
        await organizations.previewChange({ change: plan }, queryOrigin(request)),
      );
      const { movedSubordinateIds, movedUnitCodes, successorId } = preview;
      return {
        ...(await touched(plan.unionId)),
        movedSubordinateIds,
        movedUnits: movedUnitCodes.length,
        ...(successorId === '' ? {} : { successorId }),
        needsApproval: preview.needsApproval,
        undoable: preview.undoable,
      };
    },
  );

  api.post(
    '/changes',
    operation({
      id: 'proposeChange',
      tag: 'changes',
      summary: { zh: '提出变更事项', en: 'Put a structural change forward' },
      description:
        '填写批复文号即由调用者所在工会直接批复;否则待上级工会批复。生效日期在将来的,到期自动生效。\n\n' +
        'With an approval document the caller’s union approves at once; without one it waits for approval. ' +
        'A change whose day lies ahead takes effect on that day.',
      roles,
      command: 'guarded',
      body: ProposedChange,
      status: 201,
      ...accepts,
      problems: [...planProblems, 'not-an-upper-union'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const plan = await planOf(scope, request.body);
      const { approvalDocument = '' } = request.body;
      const { unionId } = callerOf(request);
      return accepted(
        reply,
        await organizations.proposeChange(
          {
            changeId: '',
            change: plan,
            proposedByUnionId: unionId,
            approvalDocument,
            approvedByUnionId: approvalDocument === '' ? '' : unionId,
            expectedVersion: expectedVersion(
              request.headers['if-match'],
              request.body.expectedVersion,
            ),
          },
          origin,
        ),
        (id) => `/api/v1/changes/${id}`,
      );
    },
  );

  api.get(
    '/changes',
    operation({
      id: 'listChanges',
      tag: 'changes',
      summary: { zh: '变更事项列表', en: 'Structural changes of the jurisdiction' },
      roles,
      querystring: Type.Object({
        status: Type.Optional(textEnum(changeStatuses)),
        unionId: Type.Optional(Type.String({ description: '该工会及其下级 | Its subtree.' })),
        ...pageFields,
      }),
      answer: pageOf(reference(Change)),
      problems: ['union-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { status, unionId, ...page } = request.query;
      const path =
        unionId === undefined ? await scope.path() : (await scope.requireUnion(unionId)).path;
      if (path === undefined) return { items: [] };
      const found = await readPage(
        federation,
        {
          collection: 'changes',
          prefix: { path },
          orderBy: ['path', 'id'],
          ...(status === undefined ? {} : { where: { status } }),
        },
        page,
      );
      return { ...found, items: found.items.map((item) => changeAnswer(item as ChangeDocument)) };
    },
  );

  api.get(
    '/changes/:changeId',
    operation({
      id: 'getChange',
      tag: 'changes',
      summary: { zh: '变更事项', en: 'One structural change' },
      roles,
      params: changeParams,
      answer: Change,
      problems: ['change-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const { changeId } = request.params;
      const change = (await federation.get('changes', changeId)) as ChangeDocument | undefined;
      if (change === undefined || !scope.covers(change.path)) {
        throw refused('change-unknown', { field: 'changeId' });
      }
      reply.header('etag', `"${change.version}"`);
      return changeAnswer(change);
    },
  );

  const closing = [
    'change-unknown',
    'change-not-open',
    'change-already-approved',
    'not-an-upper-union',
  ] as const;

  api.post(
    '/changes/:changeId/approve',
    operation({
      id: 'approveChange',
      tag: 'changes',
      summary: { zh: '批复变更事项', en: 'Approve a structural change' },
      roles,
      command: 'guarded',
      params: changeParams,
      body: body(
        { approvalDocument: Type.String({ maxLength: 200 }), ...versionField },
        { examples: [{ approvalDocument: '青工发〔2026〕31号' }] },
      ),
      ...accepts,
      problems: [...closing, ...planProblems, 'approval-document-missing'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { changeId } = request.params;
      await requireChange(await scopeOf(context, request), changeId, request);
      const { approvalDocument, expectedVersion: seen } = request.body;
      return accepted(
        reply,
        await organizations.approveChange(
          {
            changeId,
            approvedByUnionId: callerOf(request).unionId,
            approvalDocument,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  /** The steps that end a matter, each with a reason and nothing else. */
  const endings = [
    {
      path: 'reject',
      id: 'rejectChange',
      summary: { zh: '不予批复', en: 'Do not approve a structural change' },
      description: '由上级工会作出 | By an upper union.',
      problems: closing,
      send: (given: Ending, origin: CallOrigin, byUnionId: string) =>
        organizations.rejectChange({ ...given, rejectedByUnionId: byUnionId }, origin),
    },
    {
      path: 'withdraw',
      id: 'withdrawChange',
      summary: { zh: '撤回变更事项', en: 'Take a structural change back' },
      description: '生效之前 | Before it takes effect.',
      problems: closing,
      send: (given: Ending, origin: CallOrigin) => organizations.withdrawChange(given, origin),
    },
    {
      path: 'undo',
      id: 'undoChange',
      summary: { zh: '撤销变更', en: 'Undo a structural change' },
      description:
        '恢复变更前的状态:名称、隶属、下级工会、会员、未办结档案和资金项随之回来。\n\n' +
        'Brings back what was: name and place, and the subordinates, members, open cases and fund lines that went along.',
      problems: [
        'change-unknown',
        'change-not-in-effect',
        'change-superseded',
        'undo-period-over',
        'not-an-upper-union',
      ],
      send: (given: Ending, origin: CallOrigin, byUnionId: string) =>
        organizations.undoChange({ ...given, undoneByUnionId: byUnionId }, origin),
    },
  ] as const;
  for (const { path, id, summary, description, problems, send } of endings) {
    api.post(
      `/changes/:changeId/${path}`,
      operation({
        id,
        tag: 'changes',
        summary,
        description,
        roles,
        command: 'guarded',
        params: changeParams,
        body: body({ ...reasonField, ...versionField }, { examples: [{ reason: '材料不全' }] }),
        ...accepts,
        problems,
      }),
      async (request, reply) => {
        const origin = commandOrigin(request);
        const { changeId } = request.params;
        await requireChange(await scopeOf(context, request), changeId, request);
        const { reason = '', expectedVersion: seen } = request.body;
        const version = expectedVersion(request.headers['if-match'], seen);
        const given = { changeId, reason, expectedVersion: version };
        return accepted(reply, await send(given, origin, callerOf(request).unionId));
      },
    );
  }

  /** A change of a union in the jurisdiction, by the read model or by what its owner says. */
  async function requireChange(
    scope: Scope,
    changeId: string,
    request: Parameters<typeof queryOrigin>[0],
  ): Promise<void> {
    const known = (await federation.get('changes', changeId)) as ChangeDocument | undefined;
    const ask = async () => {
      const change = await organizations.getChange({ changeId }, queryOrigin(request));
      return 'refused' in change ? undefined : change.change?.unionId;
    };
    await scope.requirePlaced(known?.path, ask, { code: 'change-unknown', field: 'changeId' });
  }

  /** A plan all of whose unions lie in the jurisdiction. */
  async function planOf(
    scope: Scope,
    planned: Static<typeof PlannedChangeBody>,
  ): Promise<PlannedChange> {
    const { kind, unionId, toParentId = '', successorId = '', unionType, parts = [] } = planned;
    await scope.requirePlace(unionId);
    if (kind === 'change-industry-parent') {
      await requireIndustryUnion(context, scope, toParentId, 'toParentId');
    } else if (toParentId !== '') {
      await scope.requirePlace(toParentId, 'toParentId', 'parent-unknown');
    }
    if (kind === 'move' && toParentId === '')
      throw refused('parent-required', { field: 'toParentId' });
    if (kind === 'merge' && successorId === '') {
      throw refused('successor-invalid', { field: 'successorId' });
    }
    if (successorId !== '') await scope.requirePlace(successorId, 'successorId');
    return {
      kind: changeKinds.toValue(kind),
      unionId,
      effectiveOn: planned.effectiveOn ?? '',
      reason: planned.reason ?? '',
      name: planned.name ?? '',
      toParentId,
      successorId,
      unionType:
        unionType === undefined ? UnionType.UNION_TYPE_UNSPECIFIED : unionTypes.toValue(unionType),
      parts: parts.map((part) => ({
        unionId: '',
        name: part.name,
        creditCode: part.creditCode ?? '',
        subordinateIds: part.subordinateIds ?? [],
        unitCreditCodes: part.unitCreditCodes ?? [],
        memberIds: part.memberIds ?? [],
      })),
    };
  }

  /** What a change of the union would touch, as the read model has it. */
  async function touched(unionId: string) {
    const statistics = (await federation.get('statistics', unionId)) as
      | StatisticsDocument
      | undefined;
    const union = await federation.get('unions', unionId);
    const path = String(union?.['path'] ?? '');
    const own = async (collection: string) =>
      path === '' ? [] : await federation.find(collection, { where: { path }, limit: mostCounted });
    const fundLines = (await own('fund_lines')) as readonly FundLineDocument[];
    const resources = (await own('resources')).filter(({ offered }) => offered === true);
    const terms = (await federation.find('terms', {
      where: { unionId },
      limit: mostCounted,
    })) as readonly TermDocument[];
    const inOffice = terms
      .flatMap(({ tenures }) => tenures)
      .filter(({ until }) => until === '')
      .map(({ memberId }) => memberId);
    const openDuties = { where: { unionId, status: 'open' }, limit: mostCounted };
    const open = async (status: string) =>
      path === ''
        ? 0
        : await federation.count('changes', {
            where: { status },
            prefix: { path },
            limit: mostCounted,
          });
    return {
      unions: statistics?.unions ?? 0,
      members: statistics?.members ?? 0,
      ownMembers: statistics?.ownMembers ?? 0,
      openCases: statistics?.openCases ?? 0,
      fundLines: fundLines.length,
      fundBalanceFen: fundLines.reduce((sum, { balanceFen }) => sum + balanceFen, 0),
      resources: resources.length,
      officers: new Set(inOffice).size,
      openDuties: await federation.count('duties', openDuties),
      openChanges: (await open('proposed')) + (await open('approved')),
    };
  }
}
