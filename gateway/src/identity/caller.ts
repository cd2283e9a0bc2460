/** What a caller is: 工会干部, 职工, 平台运维. */
export type Role = 'cadre' | 'worker' | 'operator';

/** All roles, for schemas. */
export const roles = ['cadre', 'worker', 'operator'] as const satisfies readonly Role[];

/** Who calls. */
export interface Caller {
  /** Pseudonym: it stands in the log as the actor of what the caller does. */
  readonly subject: string;
  readonly unionId: string;
  readonly role: Role;
  /** The member that a worker is; empty for others. */
  readonly memberId: string;
}
