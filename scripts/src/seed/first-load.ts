import { setFlagsFromString } from 'node:v8';
import { type ConsumerPosition, type DocumentStore, eventsTopic } from '@unionfold/eventsourcing';
import type { DevelopmentIssuer } from '@unionfold/gateway';
import type { ServiceDirectory } from '@unionfold/service-kit';
import { type SeedProgress, type SeedSize, seed } from './seed.ts';

const marker = { name: 'first_load', indexes: [] } as const;

/** Longest time that the read models get to catch up after the load. */
const catchUpMs = 120_000;

/** A platform that can be loaded. */
export interface LoadTarget {
  readonly directory: ServiceDirectory;
  /** Those of the gateway. */
  readonly documents: DocumentStore;
  readonly issuer: DevelopmentIssuer;
  /** Whether the federation's read model shows all of it within the time. */
  readonly shows: (positions: readonly ConsumerPosition[], timeoutMs: number) => Promise<boolean>;
}

/** Whether this platform has been loaded to the end. */
export async function firstLoadDone({
  documents,
}: Pick<LoadTarget, 'documents'>): Promise<boolean> {
  await documents.define([marker]);
  return (await documents.get(marker.name, 'done')) !== undefined;
}

/** Loads the unions, waits until every read model shows them, and registers the sign-ins. */
export async function load(
  target: LoadTarget,
  size: SeedSize,
  progress: SeedProgress,
): Promise<void> {
  // V8 judges by the machine's memory and would let the heap of this one burst grow to several times what is in use,
  // and the process would keep it. Afterwards it is V8's own to judge again: under load, thrift costs more than it saves.
  setFlagsFromString('--heap-growing-percent=25');
  const { positions, people } = await seed(target.directory, size, progress);
  setFlagsFromString('--heap-growing-percent=0');
  const targets = [...positions.values()].map(({ service, partition, position }) => ({
    topic: eventsTopic(service),
    partition,
    position,
  }));
  if (!(await target.shows(targets, catchUpMs))) {
    throw new Error('the read models did not catch up with the load');
  }
  const { documents, issuer } = target;
  const { enterpriseUnionId, workerMemberId } = people;
  const accounts = [
    ['national', '全国总工会干部 national cadre', 'cn', 'cadre'],
    ['provincial', '山东省总工会干部 provincial cadre', 'cn-37', 'cadre'],
    ['municipal', '青岛市总工会干部 municipal cadre', 'cn-3702', 'cadre'],
    ['county', '市南区总工会干部 county cadre', 'cn-370202', 'cadre'],
    ['enterprise', '企业工会干部(示例) enterprise cadre', enterpriseUnionId, 'cadre'],
    ['worker', '职工(示例) worker', enterpriseUnionId, 'worker'],
    ['operator', '平台运维 operator', 'cn', 'operator'],
  ] as const;
  for (const [account, title, unionId, role] of accounts) {
    await issuer.registerAccount({
      account,
      title,
      unionId,
      role,
      ...(role === 'worker' ? { memberId: workerMemberId } : {}),
    });
  }
  await documents.define([marker]);
  await documents.commit({ puts: [{ collection: marker.name, document: { id: 'done' } }] });
}
