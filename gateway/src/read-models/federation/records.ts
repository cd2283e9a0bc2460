import type { JsonObject } from '@unionfold/eventsourcing';
import type { RecordDocument } from './documents.ts';
import type { EventHandlers, FederationContext } from './projection.ts';
import { qualityOf } from './record-quality.ts';

type Facts = Partial<
  Pick<
    RecordDocument,
    'parentId' | 'record' | 'units' | 'bodies' | 'approvalDocument' | 'verifiedOn'
  >
>;

/** Records of unions (登记信息), each with how good it is. */
export const recordHandlers: EventHandlers = {
  UnionRecordCorrected: async ({ unionId, record }, context) => {
    await revise(unionId, context, () => ({ record: { ...record } as unknown as JsonObject }));
  },
  UnionRecordVerified: async ({ unionId, verifiedOn }, context) => {
    await revise(unionId, context, () => ({ verifiedOn }));
  },
  UnitCovered: async ({ unionId, unit }, context) => {
    if (unit === undefined) return;
    await revise(unionId, context, ({ units }) => ({
      units: { ...units, [unit.creditCode]: { ...unit } },
    }));
  },
  UnitReleased: async ({ unionId, creditCode }, context) => {
    await revise(unionId, context, ({ units }) => {
      const { [creditCode]: _, ...others } = units;
      return { units: others };
    });
  },
};

/** Notes anew how good a union's record is, after something of it or of the union has changed. */
export async function refreshRecord(
  unionId: string,
  context: FederationContext,
  facts: Facts = {},
): Promise<void> {
  await revise(unionId, context, () => facts);
}

async function revise(
  unionId: string,
  { documents, tree }: FederationContext,
  change: (before: RecordDocument) => Facts,
): Promise<void> {
  const union = await tree.union(unionId);
  const before = ((await documents.get('records', unionId)) as RecordDocument | undefined) ?? {
    id: unionId,
    path: union.path,
    parentId: union.parentId,
    live: false,
    record: {},
    units: {},
    bodies: [],
    approvalDocument: '',
    verifiedOn: '',
    score: 0,
    toFix: [],
  };
  const live = union.status === 'active' || union.status === 'suspended';
  const after: RecordDocument = { ...before, ...change(before), path: union.path, live };
  documents.put('records', { ...after, ...qualityOf(union, after) });
}
