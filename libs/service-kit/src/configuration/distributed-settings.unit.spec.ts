import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MasterKey } from '@unionfold/privacy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readGatewaySettings, readServiceSettings } from './distributed-settings.ts';
import { SettingsError } from './environment.ts';

const masterKey = MasterKey.generate();
const needed = {
  MONGODB_URI: 'mongodb://a:1,b:2/?replicaSet=rs0',
  KAFKA_BROKERS: 'a:1,b:2',
  MASTER_KEY: masterKey.toText(),
};

describe('The settings of a process of the distributed profile', () => {
  it('take what is needed, and know the rest', () => {
    const { masterKey: read, ...settings } = readServiceSettings(needed);
    expect(read.fingerprint).toBe(masterKey.fingerprint);
    expect(settings).toEqual({
      mongodbUri: needed.MONGODB_URI,
      kafkaBrokers: ['a:1', 'b:2'],
      redisUrl: undefined,
      prefix: 'unionfold',
      partitions: 4,
      replication: 1,
      addresses: new Map(),
      logLevel: 'info',
      listen: { host: '127.0.0.1', port: 0 },
    });
  });

  it('take what is told', () => {
    const settings = readGatewaySettings({
      ...needed,
      PROFILE: 'distributed',
      REDIS_URL: 'redis://c:3',
      PREFIX: 'union_1',
      PARTITIONS: '16',
      REPLICATION: '3',
      ORGANIZATIONS_ADDRESS: '10.0.0.1:4,10.0.0.2:5',
      MEMBERS_ADDRESS: 'dns:///members:50051',
      LOG_LEVEL: 'warn',
      HOST: '0.0.0.0',
      PORT: '80',
      DEVELOPMENT_ISSUER: 'on',
    });
    expect(settings).toMatchObject({
      redisUrl: 'redis://c:3',
      prefix: 'union_1',
      partitions: 16,
      replication: 3,
      addresses: new Map([
        ['organizations', '10.0.0.1:4,10.0.0.2:5'],
        ['members', 'dns:///members:50051'],
      ]),
      logLevel: 'warn',
      host: '0.0.0.0',
      port: 80,
      developmentIssuer: true,
    });
  });

  it('let nobody sign in as anybody unless it is told so', () => {
    expect(readGatewaySettings(needed).developmentIssuer).toBe(false);
  });

  it('tell all that is missing at once', () => {
    expect(problemsOf(() => readServiceSettings({ KAFKA_BROKERS: '' }))).toEqual([
      ['MONGODB_URI', undefined],
      ['KAFKA_BROKERS', undefined],
      ['MASTER_KEY', undefined],
    ]);
  });

  it.each([
    ['PROFILE', 'embedded'],
    ['MONGODB_URI', 'localhost:27017'],
    ['KAFKA_BROKERS', 'a:1;b:2'],
    ['REDIS_URL', 'c:3'],
    ['PREFIX', 'Union'],
    ['PARTITIONS', '0'],
    ['PARTITIONS', '4.5'],
    ['REPLICATION', '8'],
    ['ORGANIZATIONS_ADDRESS', 'organizations'],
    ['ORGANIZATIONS_ADDRESS', 'dns:///a:1,b:2'],
    ['ORGANIZATIONS_ADDRESS', 'a:1,b:2'],
    ['LOG_LEVEL', 'loud'],
    ['HOST', 'a b'],
    ['PORT', '65536'],
    ['DEVELOPMENT_ISSUER', 'yes'],
  ])('refuse %s=%s, and say what it may be', (variable, value) => {
    const read = () => readGatewaySettings({ ...needed, [variable]: value });
    expect(problemsOf(read)).toEqual([[variable, value]]);
    expect(read).toThrow(new RegExp(`^${variable}=${value}: .+`));
  });

  it.each([
    ['[::]:50051', { host: '::', port: 50_051 }],
    ['service.local:0', { host: 'service.local', port: 0 }],
  ])('take LISTEN=%s', (value, listen) => {
    expect(readServiceSettings({ ...needed, LISTEN: value }).listen).toEqual(listen);
  });

  it.each(['127.0.0.1', ':1', '127.0.0.1:65536', '::1:1'])('refuse LISTEN=%s', (value) => {
    const read = () => readServiceSettings({ ...needed, LISTEN: value });
    expect(problemsOf(read)).toEqual([['LISTEN', value]]);
  });

  it('do not print secrets', () => {
    const read = () =>
      readServiceSettings({
        MONGODB_URI: 'mongo://user:secret@a:1',
        KAFKA_BROKERS: 'a:1',
        REDIS_URL: 'http://:secret@c:3',
        MASTER_KEY: 'secret',
      });
    expect(problemsOf(read)).toEqual([
      ['MONGODB_URI', '(not shown)'],
      ['REDIS_URL', '(not shown)'],
      ['MASTER_KEY', '(not shown)'],
    ]);
    expect(read).toThrow(/^(?!.*secret)/s);
  });

  describe('with the master key in a file', () => {
    let folder: string;
    const { MASTER_KEY: _, ...rest } = needed;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'unionfold-settings-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it('read it', () => {
      const file = join(folder, 'key');
      writeFileSync(file, `${masterKey.toText()}\n`);
      const settings = readServiceSettings({ ...rest, MASTER_KEY_FILE: file });
      expect(settings.masterKey.fingerprint).toBe(masterKey.fingerprint);
    });

    it('refuse one that is not there, or holds something else, without telling what', () => {
      const file = join(folder, 'key');
      const read = () => readServiceSettings({ ...rest, MASTER_KEY_FILE: file });
      expect(problemsOf(read)).toEqual([['MASTER_KEY_FILE', file]]);
      writeFileSync(file, 'something else');
      expect(problemsOf(read)).toEqual([['MASTER_KEY_FILE', file]]);
      expect(read).not.toThrow('something else');
    });

    it('refuse a second one', () => {
      const file = join(folder, 'key');
      writeFileSync(file, MasterKey.generate().toText());
      const read = () => readServiceSettings({ ...needed, MASTER_KEY_FILE: file });
      expect(problemsOf(read)).toEqual([['MASTER_KEY_FILE', file]]);
    });
  });
});

function problemsOf(read: () => unknown): [string, string | undefined][] {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems.map(({ variable, value }) => [variable, value]);
    }
    throw error;
  }
  return [];
}
