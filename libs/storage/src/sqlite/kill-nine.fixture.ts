import { appendForEver } from '../append-for-ever.fixture.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';

/** Appends to the store of a file until it is killed. */
const file = process.argv[2] ?? '';
await appendForEver(await SqliteEventStore.open({ file, partitions: 4 }));
