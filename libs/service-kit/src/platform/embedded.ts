import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryRateLimiter } from '@unionfold/cache';
import { type DocumentStore, type EventStore, eventsTopic } from '@unionfold/eventsourcing';
import { EmbeddedEventLog } from '@unionfold/messaging';
import { KeyRing, loadMasterKey } from '@unionfold/privacy';
import {
  DataFolder,
  SqliteDocumentStore,
  SqliteEventStore,
  SqliteKeyStore,
} from '@unionfold/storage';
import { allInOrder } from '../in-order.ts';
import { isPublicEvent } from '../proto-event-codec.ts';
import { OpenedOnce } from './opened-once.ts';
import type { Platform, ServiceStorage } from './platform.ts';

/** The layout of the data folder that this release reads and writes. */
const folderFormat = 1;

/** Settings of the embedded profile. */
export interface EmbeddedPlatformOptions {
  /** The folder that holds everything; made when it is absent. One process at a time. */
  readonly dataDir: string;
  /** Partitions of each service's event store; fixed when the folder is made. Default 1: one process writes. */
  readonly partitions?: number;
  /** Person keys held in memory. Default 100,000, about 20 MB. */
  readonly cachedKeys?: number;
}

/**
 * Opens the embedded profile: SQLite files in one folder, the event stores themselves as the log between services.
 * @throws DataFolderError when the folder is in use, damaged or somebody else's; nothing was changed
 * @throws StoreCorruptError when a file in it is damaged
 * @throws MasterKeyError when the folder has data but no usable key
 */
export async function openEmbeddedPlatform(options: EmbeddedPlatformOptions): Promise<Platform> {
  const { dataDir, partitions = 1, cachedKeys = 100_000 } = options;
  const folder = await DataFolder.open(dataDir, { format: folderFormat });
  const opened: { close(): Promise<void> }[] = [];
  let closing: Promise<void> | undefined;
  try {
    const keysDir = join(dataDir, 'keys');
    await mkdir(keysDir, { recursive: true, mode: 0o700 });
    const masterKey = await loadMasterKey({
      file: join(keysDir, 'master.key'),
      create: folder.isNew || !(await holdsData(dataDir)),
    });
    const keyStore = await SqliteKeyStore.open({ file: join(keysDir, 'keys.db') });
    opened.push(keyStore);
    const keys = new KeyRing({ masterKey, store: keyStore, cacheSize: cachedKeys });
    const log = new EmbeddedEventLog({ stores: new Map(), isPublic: isPublicEvent });
    const stores = new OpenedOnce<ServiceStorage>();
    const eventStores = new OpenedOnce<EventStore>();
    const documentStores = new OpenedOnce<DocumentStore>();

    const openDocuments = async (name: string): Promise<DocumentStore> => {
      await mkdir(join(dataDir, name), { recursive: true });
      const documents = await SqliteDocumentStore.open({
        file: join(dataDir, name, 'documents.db'),
      });
      opened.push(documents);
      return documents;
    };
    const openEvents = async (service: string): Promise<EventStore> => {
      await mkdir(join(dataDir, service), { recursive: true });
      const file = join(dataDir, service, 'events.db');
      const events = await SqliteEventStore.open({ file, partitions });
      opened.push(events);
      log.register(eventsTopic(service), events);
      return events;
    };
    return {
      masterKey,
      keys,
      log,
      rateLimiter: new MemoryRateLimiter(),
      // Opened once, however often they are asked for: a restarted service gets the stores that stand.
      storage: (service) =>
        stores.get(service, async () => ({
          events: await eventStores.get(service, () => openEvents(service)),
          documents: await documentStores.get(service, () => openDocuments(service)),
        })),
      documents: (name) => documentStores.get(name, () => openDocuments(name)),
      close: () => {
        closing ??= closeAll([log, ...opened.toReversed()], folder);
        return closing;
      },
    };
  } catch (error) {
    await closeAll(opened.toReversed(), folder).catch(() => undefined);
    throw error;
  }
}

/**
 * Whether there is anything that a key could be missing for. A process that died right after making the folder has left
 * one without a key and without data, which is as good as new.
 */
async function holdsData(dataDir: string): Promise<boolean> {
  for (const entry of await readdir(dataDir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const names = await readdir(join(dataDir, entry.name));
    if (names.some((name) => name.endsWith('.db'))) return true;
  }
  return false;
}

/** The log before the stores that it reads, then the folder; all of them even if some fail. */
async function closeAll(
  parts: readonly { close(): Promise<void> }[],
  folder: DataFolder,
): Promise<void> {
  const steps = [...parts.map((part) => () => part.close()), async () => folder.close()];
  await allInOrder(steps, 'not everything closed in order');
}
