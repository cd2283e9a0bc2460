import { randomUUID } from 'node:crypto';
import { MongoConnection } from '/work/main/libs/storage/src/mongo/connection/mongo-connection.ts';
import { MongoDocumentStore } from '/work/main/libs/storage/src/mongo/document-store/mongo-document-store.ts';
const connection = await MongoConnection.open({ uri: process.env.MONGODB_URI! });
const database = 'unionfold_bench_' + randomUUID().slice(0, 8);
const store = await MongoDocumentStore.open({ connection, database });
await store.define([{ name: 'people', indexes: [{ fields: ['unit', 'name'] }], paths: [], terms: 'words' }]);
const tenure = await store.takeOver('bench');
for (const kind of ['new', 'replace']) for (const size of [500]) {
  const n = 60; const start = performance.now();
  for (let b = 0; b < n; b++) {
    await store.commit({ tenure, puts: Array.from({ length: size }, (_, i) => ({ collection: 'people', document: { id: `p-${b}-${i}`, unit: `u${i % 50}`, name: `${kind} name ${i}`, path: `/cn/37/${i % 100}/`, joined: '2020-01-01', phone: '1234567', words: [`a${i % 100}`, `b${i % 77}`, 'c'] } })),
      checkpoints: [{ consumer: 'bench', topic: kind, partition: 0, position: b + 1, expectedPosition: b, cursor: String(b) }] });
  }
  const s = (performance.now() - start) / 1000;
  console.log(kind, size, Math.round(n * size / s), 'documents/s', (s / n * 1000).toFixed(1), 'ms/commit');
}
const t = performance.now();
await store.commit({ puts: Array.from({ length: 20000 }, (_, i) => ({ collection: 'people', document: { id: `q-${i}`, unit: 'x', name: 'n' + i, words: ['z'] } })) });
console.log('20000 in one', Math.round(performance.now() - t), 'ms');
await store.close(); await connection.client.db(database).dropDatabase(); await connection.close();
