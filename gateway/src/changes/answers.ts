import { ChangeKind } from '@unionfold/contracts';
import Type, { type Static } from 'typebox';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import { textEnum } from '../http/operation.ts';
import type { ChangeDocument } from '../read-models/federation/documents.ts';
import { unionTypes } from '../unions/answers.ts';

/** The kinds of structural change (变更类别). */
export const changeKinds = enumWords({
  rename: ChangeKind.CHANGE_KIND_RENAME,
  move: ChangeKind.CHANGE_KIND_MOVE,
  'change-industry-parent': ChangeKind.CHANGE_KIND_CHANGE_INDUSTRY_PARENT,
  'change-type': ChangeKind.CHANGE_KIND_CHANGE_TYPE,
  merge: ChangeKind.CHANGE_KIND_MERGE,
  split: ChangeKind.CHANGE_KIND_SPLIT,
  suspend: ChangeKind.CHANGE_KIND_SUSPEND,
  resume: ChangeKind.CHANGE_KIND_RESUME,
  dissolve: ChangeKind.CHANGE_KIND_DISSOLVE,
  restore: ChangeKind.CHANGE_KIND_RESTORE,
});

/** Where a change stands. */
export const changeStatuses = [
  'proposed',
  'approved',
  'in-effect',
  'rejected',
  'withdrawn',
  'failed',
  'undone',
] as const;

/** A structural change. */
export const Change = Type.Object(
  {
    id: Type.String(),
    kind: wordSchema(changeKinds, '变更类别 | Kind of change.'),
    unionId: Type.String(),
    status: textEnum(
      changeStatuses,
      '待批复、待生效、已生效、不予批复、已撤回、未能生效、已撤销变更 | ' +
        'Proposed, approved and waiting for its day, in effect, rejected, withdrawn, failed, undone.',
    ),
    effectiveOn: Type.String({ format: 'date' }),
    name: Type.Optional(Type.String()),
    toParentId: Type.Optional(Type.String()),
    successorId: Type.Optional(Type.String()),
    unionType: Type.Optional(wordSchema(unionTypes, '新的工会类型 | New type.')),
    parts: Type.Optional(
      Type.Array(Type.Object({ unionId: Type.String(), name: Type.String() }), {
        description: '分出的工会 | The unions that come out of it.',
      }),
    ),
    reason: Type.Optional(Type.String()),
    proposedByUnionId: Type.Optional(Type.String()),
    approvalDocument: Type.Optional(Type.String({ description: '批复文号 | Approval document.' })),
    closingReason: Type.Optional(
      Type.String({ description: '否决、撤回或撤销的事由 | Why it was closed.' }),
    ),
    problem: Type.Optional(
      Type.String({ description: '未能生效的原因代码 | Code of the problem it failed with.' }),
    ),
    version: Type.Integer(),
  },
  {
    $id: 'Change',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7m',
        kind: 'merge',
        unionId: '01k2ab3cd4ef5gh6jk7n',
        status: 'in-effect',
        effectiveOn: '2026-11-24',
        successorId: '01k2ab3cd4ef5gh6jk7p',
        approvalDocument: '青工发〔2026〕30号',
        version: 3,
      },
    ],
  },
);

/** What a structural change would touch, as things stand (影响预演). */
export const Impact = Type.Object(
  {
    unions: Type.Integer({ description: '涉及的在册工会数(含下级) | Live unions of the subtree.' }),
    members: Type.Integer({ description: '涉及的会员数(含下级) | Members of the subtree.' }),
    ownMembers: Type.Integer({ description: '本级会员数 | Members of the union itself.' }),
    openCases: Type.Integer({
      description: '未办结困难档案数(含下级) | Open cases of the subtree.',
    }),
    fundLines: Type.Integer({ description: '本级资金项数 | Fund lines of the union itself.' }),
    fundBalanceFen: Type.Integer({
      description: '本级资金结余(分) | What is left in them, in fen.',
    }),
    resources: Type.Integer({ description: '本级提供的共享资源数 | Resources that it offers.' }),
    officers: Type.Integer({
      description: '本级在任干部人数 | Officers of the union itself who hold a post.',
    }),
    openDuties: Type.Integer({
      description: '本级未办结的交办事项数 | Open duties of these officers.',
    }),
    openChanges: Type.Integer({
      description: '未办结的其他变更事项数(含下级) | Other open matters of the subtree.',
    }),
    movedSubordinateIds: Type.Array(Type.String(), {
      description: '随同变更隶属的下级工会 | Direct subordinates that would go elsewhere.',
    }),
    movedUnits: Type.Integer({
      description: '转由他会覆盖的单位数 | Employers that would go elsewhere.',
    }),
    successorId: Type.Optional(Type.String({ description: '接续工会 | Who would take over.' })),
    needsApproval: Type.Boolean({
      description: '是否须上级批复 | Whether an upper union approves it.',
    }),
    undoable: Type.Boolean({ description: '生效后能否撤销 | Whether it can be undone.' }),
  },
  { $id: 'Impact' },
);

/** A change as it is told. */
export function changeAnswer(change: ChangeDocument): Static<typeof Change> {
  const { id, unionId, status, effectiveOn, plan, version } = change;
  const parts = (plan['parts'] ?? []) as readonly { unionId: string; name: string }[];
  const type = unionTypes.toWord(plan['unionType'] as never);
  return {
    id,
    kind: changeKinds.toWord(change.kind) ?? 'rename',
    unionId,
    status,
    effectiveOn,
    ...filled({
      name: plan['name'],
      toParentId: plan['toParentId'],
      successorId: plan['successorId'],
      reason: change.reason,
      proposedByUnionId: change.proposedByUnionId,
      approvalDocument: change.approvalDocument,
      closingReason: change.closingReason,
      problem: change.problem,
    }),
    ...(type === undefined ? {} : { unionType: type }),
    ...(parts.length === 0
      ? {}
      : { parts: parts.map((part) => ({ unionId: part.unionId, name: part.name })) }),
    version,
  };
}

function filled<Field extends string>(fields: Record<Field, unknown>): { [F in Field]?: string } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => typeof value === 'string' && value !== ''),
  ) as { [F in Field]?: string };
}
