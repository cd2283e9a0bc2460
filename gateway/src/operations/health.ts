import type { ProjectionRunner } from '@unionfold/eventsourcing';
import {
  type Platform,
  remoteService,
  type ServiceDirectory,
  type ServiceName,
  serviceNames,
} from '@unionfold/service-kit';

/** Whether one part of the platform is ready. */
export interface PartHealth {
  readonly part: string;
  readonly ready: boolean;
  /** What the state is, for operators. */
  readonly detail: string;
}

/** Whether the gateway can do its work. */
export interface Readiness {
  readonly ready: boolean;
  readonly parts: readonly PartHealth[];
}

/** What is asked for its health. */
export interface HealthSources {
  readonly directory: ServiceDirectory;
  readonly log: Platform['log'];
  readonly projections: readonly ProjectionRunner[];
  /** Events that a read model may be behind and still count as ready. */
  readonly bearableLag: number;
}

/** Milliseconds that a service has to answer a health check. */
const healthDeadline = 2_000;

/** `grpc.health.v1.Health/Check`: an empty request asks for the whole server. */
const healthService = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (_request: Record<string, never>) => Buffer.alloc(0),
    requestDeserialize: (_bytes: Buffer): Record<string, never> => ({}),
    responseSerialize: (response: { readonly serving: boolean }) =>
      Buffer.from([0x08, response.serving ? 1 : 2]),
    // Field 1, a varint: 1 is SERVING.
    responseDeserialize: (bytes: Buffer) => ({ serving: bytes[0] === 0x08 && bytes[1] === 1 }),
  },
} as const;

/** Asks every service, and looks how far every read model is. */
export async function readiness(sources: HealthSources): Promise<Readiness> {
  const parts = await Promise.all([
    ...serviceNames.map((service) => serviceHealth(sources.directory, service)),
    ...sources.projections.map((runner) => projectionHealth(sources, runner)),
  ]);
  return { ready: parts.every(({ ready }) => ready), parts };
}

async function serviceHealth(
  directory: ServiceDirectory,
  service: ServiceName,
): Promise<PartHealth> {
  const part = `service ${service}`;
  if (directory.address(service) === undefined) return { part, ready: false, detail: 'not known' };
  try {
    const health = remoteService(healthService, service, directory, healthDeadline);
    const answer = await health.check({}, { actor: 'gateway', correlationId: 'health' });
    const ready = 'serving' in answer && answer.serving;
    return { part, ready, detail: ready ? 'serving' : 'not serving' };
  } catch {
    return { part, ready: false, detail: 'does not answer' };
  }
}

async function projectionHealth(
  { log, bearableLag }: HealthSources,
  runner: ProjectionRunner,
): Promise<PartHealth> {
  const { name, topics } = runner.projection;
  const part = `read model ${name}`;
  if (!runner.current) return { part, ready: false, detail: 'being built' };
  try {
    await runner.look();
  } catch {
    return { part, ready: false, detail: 'its store does not answer' };
  }
  const reached = new Map(runner.positions().map((p) => [`${p.topic}/${p.partition}`, p.position]));
  let lag = 0;
  for (const topic of topics) {
    for (const [partition, head] of (await headsOf(log, topic)).entries()) {
      lag += Math.max(0, head - (reached.get(`${topic}/${partition}`) ?? 0));
    }
  }
  return { part, ready: lag <= bearableLag, detail: `${lag} events behind` };
}

/** A service that was never started has no log yet: its own check tells so. */
async function headsOf(log: Platform['log'], topic: string): Promise<readonly number[]> {
  try {
    return await log.heads(topic);
  } catch {
    return [];
  }
}
