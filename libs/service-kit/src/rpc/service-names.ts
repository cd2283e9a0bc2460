/** The platform's services. */
export const serviceNames = ['organizations', 'members', 'welfare', 'notifications'] as const;

/** Name of a service. */
export type ServiceName = (typeof serviceNames)[number];
