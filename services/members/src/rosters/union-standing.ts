/** Where a union stands, as far as membership goes: 未知, 待批复, 在册, 暂停活动, 已撤销. */
export type UnionStanding = 'unknown' | 'pending' | 'active' | 'suspended' | 'dissolved';

/** What this service knows of a union. */
export interface UnionFacts {
  readonly standing: UnionStanding;
  /** Who took over a dissolved union; empty otherwise. */
  readonly successorId: string;
}
