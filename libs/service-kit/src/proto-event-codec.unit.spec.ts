import {
  catalogue,
  eventByName,
  Gender,
  HardshipDeclared,
  MemberCorrected,
  MemberEnrolled,
} from '@unionfold/contracts';
import {
  type DecodedEvent,
  type DomainEvent,
  isUndecodable,
  type RecordedEvent,
  type Upcaster,
} from '@unionfold/eventsourcing';
import {
  FieldCipher,
  KeyDestroyedError,
  KeyRing,
  MasterKey,
  MemoryKeyStore,
  sealFields,
} from '@unionfold/privacy';
import { describe, expect, it } from 'vitest';
import { ProtoEventCodec, searchIndexField } from './proto-event-codec.ts';

const enrolled = MemberEnrolled.fromPartial({
  memberId: 'm1',
  unionId: 'u1',
  name: '张三',
  citizenNumber: '11010119900307371X',
  citizenNumberIndex: 'index',
  mobile: '13800138000',
  gender: Gender.GENDER_FEMALE,
  birthDate: '1990-03-07',
  joinedOn: '2024-01-01',
});
const enrolment: DomainEvent = { type: 'MemberEnrolled', data: enrolled };

function setUp(upcasters: readonly Upcaster[] = []) {
  const store = new MemoryKeyStore();
  const masterKey = MasterKey.generate();
  const newKeys = () => new KeyRing({ masterKey, store, cacheSize: 100 });
  const keys = newKeys();
  return { store, newKeys, keys, codec: new ProtoEventCodec(keys, upcasters) };
}

async function record(
  codec: ProtoEventCodec,
  events: readonly DomainEvent[],
): Promise<RecordedEvent[]> {
  return (await codec.encode(events)).map((event, index) => recordedAs(event, index + 1));
}

function recordedAs(event: Pick<RecordedEvent, 'type' | 'data'>, position: number): RecordedEvent {
  return {
    id: `e${position}`,
    ...event,
    metadata: { actor: 'a', correlationId: 'c', occurredAt: '2025-01-01T00:00:00.000Z' },
    stream: 'member-m1',
    version: position,
    partition: 0,
    position,
    recordedAt: '2025-01-01T00:00:00.000Z',
  };
}

describe('ProtoEventCodec', () => {
  it('gives back what it was given, and holds nothing personal in plain between', async () => {
    const { codec } = setUp();
    const declared = HardshipDeclared.fromPartial({
      caseId: 'c1',
      memberId: 'm1',
      householdSize: 3,
      annualIncomeFen: 2_500_000n,
      statement: '手术',
      consent: true,
    });
    const events: DomainEvent[] = [
      enrolment,
      { type: 'HardshipDeclared', data: declared },
      { type: 'UnionRenamed', data: { unionId: 'u1', name: '工会', reason: '' } },
    ];
    const recorded = await record(codec, events);
    expect(recorded.map(({ type }) => type)).toEqual([
      'unionfold.members.v1.MemberEnrolled',
      'unionfold.welfare.v1.HardshipDeclared',
      'unionfold.organizations.v1.UnionRenamed',
    ]);
    expect(JSON.stringify(recorded)).not.toMatch(
      /张三|11010119900307371X|13800138000|手术|2500000/,
    );
    for (const { type, data } of recorded) {
      for (const { field } of catalogue.get(type)?.personal ?? [])
        expect(data[field]).toBe(undefined);
    }
    const decoded = await codec.decode(recorded);
    expect(decoded.map((one) => !isUndecodable(one) && one.event)).toEqual(events);
  });

  it('opens nothing for a reader that needs nothing personal, and asks for no key', async () => {
    const { codec, store, newKeys } = setUp();
    const [recorded] = await record(codec, [enrolment]);
    if (recorded === undefined) throw new Error('not recorded');
    store.load = () => expect.unreachable();
    const reader = new ProtoEventCodec(newKeys());
    const forged = { ...recorded, data: { ...recorded.data, name: '李四' } };
    expect(await reader.decode([recorded, forged], { openPersonal: false })).toEqual([
      {
        event: {
          type: 'MemberEnrolled',
          data: MemberEnrolled.fromPartial({
            memberId: 'm1',
            unionId: 'u1',
            citizenNumberIndex: 'index',
            joinedOn: '2024-01-01',
          }),
        },
        recorded,
      },
      {
        undecodable: `sealed text of ${recorded.type}|name|m1 does not open: malformed`,
        recorded: forged,
      },
    ]);
  });

  it('keeps keyed hashes of what can be searched for, under which the same value is found', async () => {
    const { codec, keys } = setUp();
    const [recorded] = await record(codec, [enrolment]);
    const terms = recorded?.data[searchIndexField];
    expect(terms).toEqual(expect.arrayContaining(keys.searchIndex.queryTerms('name', '张三')));
    expect(terms).not.toEqual(expect.arrayContaining(keys.searchIndex.queryTerms('name', '李四')));
  });

  it('leaves the fields of a forgotten person at their defaults, and those of others as they are', async () => {
    const { codec, keys } = setUp();
    const other = { ...enrolled, memberId: 'm2' };
    const recorded = await record(codec, [enrolment, { type: 'MemberEnrolled', data: other }]);
    await keys.destroy('m1');
    const [forgotten, kept] = (await codec.decode(recorded)) as DecodedEvent[];
    expect(forgotten?.event.data).toEqual(
      MemberEnrolled.fromPartial({
        memberId: 'm1',
        unionId: 'u1',
        citizenNumberIndex: 'index',
        joinedOn: '2024-01-01',
      }),
    );
    expect(kept?.event.data).toEqual(other);
    await expect(codec.encode([enrolment])).rejects.toThrow(KeyDestroyedError);
  });

  it('reads events written under the keys that another process has made', async () => {
    const { codec, newKeys } = setUp();
    const recorded = await record(codec, [enrolment]);
    const [decoded] = await new ProtoEventCodec(newKeys()).decode(recorded);
    expect(decoded).toMatchObject({ event: enrolment });
  });

  it('decodes long batches whole and in order', async () => {
    const { codec } = setUp();
    const events = Array.from({ length: 1_203 }, (_, n) => ({
      type: 'UnionRenamed',
      data: { unionId: `u${n}`, name: 'n', reason: '' },
    }));
    const decoded = await codec.decode(await record(codec, events));
    expect(decoded.map((one) => !isUndecodable(one) && one.event)).toEqual(events);
  });

  describe('does not let one bad event hide its neighbours, and tells no value of it', () => {
    const type = eventByName('MemberEnrolled').fullName;
    it.each<[string, (good: RecordedEvent) => Partial<RecordedEvent>, string]>([
      [
        'of an unknown type',
        () => ({ type: 'unionfold.members.v1.MemberPromoted' }),
        'unknown event type unionfold.members.v1.MemberPromoted',
      ],
      [
        'whose personal field was never sealed',
        ({ data }) => ({ data: { ...data, name: '张三' } }),
        `sealed text of ${type}|name|m1 does not open: malformed`,
      ],
      [
        'whose personal fields are another person’s',
        ({ data }) => ({ data: { ...data, unionId: 'u2', memberId: 'm2' } }),
        `sealed text of ${type}|memberId|m2 does not open: not-authentic`,
      ],
      [
        'without a subject',
        ({ data }) => ({ data: { ...data, memberId: undefined } }),
        `${type}.name is personal, but its subject is absent`,
      ],
      [
        'with a field of another type',
        ({ data }) => ({ data: { ...data, synthetic: '张三' } }),
        `${type}: the field synthetic does not hold what its type allows`,
      ],
    ])('%s', async (_, spoil, reason) => {
      const { codec } = setUp();
      await codec.encode([{ type: 'MemberEnrolled', data: { ...enrolled, memberId: 'm2' } }]);
      const [first, second, third] = await record(codec, [enrolment, enrolment, enrolment]);
      if (first === undefined || second === undefined || third === undefined) throw new Error();
      const bad = { ...second, ...spoil(second) };
      const decoded = await codec.decode([first, bad, third]);
      expect(decoded).toEqual([
        { event: enrolment, recorded: first },
        { undecodable: reason, recorded: bad },
        { event: enrolment, recorded: third },
      ]);
    });

    it('whose key does not open', async () => {
      const { codec, store, newKeys } = setUp();
      const other = { type: 'MemberEnrolled', data: { ...enrolled, memberId: 'm2' } };
      const recorded = await record(codec, [enrolment, other]);
      const { load } = store;
      store.load = async (subjects) => {
        const found = new Map(await load.call(store, subjects));
        if (found.has('m1')) found.set('m1', Buffer.alloc(60));
        return found;
      };
      const [broken, good] = await new ProtoEventCodec(newKeys()).decode(recorded);
      expect(broken).toEqual({
        undecodable: 'the key of m1 does not open: foreign master key, or a damaged key store',
        recorded: recorded[0],
      });
      expect(good).toMatchObject({ event: other });
    });

    it('whose upcaster fails', async () => {
      const { codec } = setUp([
        {
          from: 'unionfold.organizations.v1.UnionRenamed',
          to: 'unionfold.organizations.v1.UnionApproved',
          upcast: (data) => {
            throw new RangeError(`cannot read ${data['name']}`);
          },
        },
      ]);
      const renamed = { type: 'UnionRenamed', data: { unionId: 'u1', name: '工会', reason: '' } };
      const [bad, good] = await codec.decode(await record(codec, [renamed, enrolment]));
      expect(bad).toMatchObject({ undecodable: 'RangeError' });
      expect(good).toMatchObject({ event: enrolment });
    });

    it('but fails as a whole when the key store does not answer', async () => {
      const { codec, store, newKeys } = setUp();
      const recorded = await record(codec, [enrolment]);
      store.load = async () => {
        throw new Error('down');
      };
      await expect(new ProtoEventCodec(newKeys()).decode(recorded)).rejects.toThrow('down');
    });
  });

  describe('upcasts by full type names', () => {
    it('what it has opened under the type that was recorded', async () => {
      const { codec } = setUp([
        {
          from: 'unionfold.members.v1.MemberCorrected',
          to: 'unionfold.members.v1.MemberEnrolled',
          upcast: ({ reason: _, ...data }) => ({ ...data, name: `${data['name']}（更正）` }),
        },
      ]);
      const { joinedOn: _, synthetic: __, ...particulars } = enrolled;
      const corrected = MemberCorrected.fromPartial({ ...particulars, reason: '笔误' });
      const recorded = await record(codec, [{ type: 'MemberCorrected', data: corrected }]);
      expect(await codec.decode(recorded)).toEqual([
        {
          event: {
            type: 'MemberEnrolled',
            data: { ...enrolled, name: '张三（更正）', joinedOn: '' },
          },
          recorded: recorded[0],
        },
      ]);
    });

    it('what is sealed under a type that the catalogue does not have any more', async () => {
      const type = 'unionfold.members.v0.MemberJoined';
      const { codec, keys } = setUp([
        {
          from: type,
          to: 'unionfold.members.v1.MemberEnrolled',
          upcast: ({ orgId, ...data }) => ({ ...data, unionId: orgId }),
        },
      ]);
      // The subject's field keeps its name, under which the sealed text stands.
      const { unionId, ...rest } = eventByName('MemberEnrolled').toJson(enrolled);
      const data = sealFields(
        new FieldCipher(),
        { type, data: { ...rest, orgId: unionId } },
        eventByName('MemberEnrolled').personal,
        await keys.ensureKeys(['m1']),
      );
      const recorded = recordedAs({ type, data }, 1);
      expect(await codec.decode([recorded])).toEqual([{ event: enrolment, recorded }]);
    });
  });

  it('refuses to write what the catalogue does not have', async () => {
    const { codec } = setUp();
    await expect(codec.encode([{ type: 'MemberPromoted', data: {} }])).rejects.toThrow(
      'MemberPromoted',
    );
  });

  it('tells internal events from public ones, and passes unknown ones on', () => {
    const { codec } = setUp();
    expect(codec.isPublic('unionfold.members.v1.MemberEnrolled')).toBe(true);
    expect(codec.isPublic('unionfold.members.v1.IdentityClaimed')).toBe(false);
    expect(codec.isPublic('unionfold.members.v9.Unknown')).toBe(true);
  });
});
