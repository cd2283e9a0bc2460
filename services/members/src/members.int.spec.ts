import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SyntheticPerson, synthetic } from '@unionfold/codes';
import { Gender } from '@unionfold/contracts';
import {
  type EnrolMemberRequest,
  type Member,
  MembershipStatus,
  MembersServiceService,
} from '@unionfold/contracts/members';
import { UnionStatus } from '@unionfold/contracts/organizations';
import type { CommandAccepted } from '@unionfold/contracts/types';
import {
  CommandHandler,
  type ConsumerPosition,
  isRefusal,
  type Refusal,
} from '@unionfold/eventsourcing';
import {
  createLogger,
  newId,
  openEmbeddedPlatform,
  type Platform,
  ProtoEventCodec,
  RemoteUnavailableError,
  type RunningService,
  remoteService,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { membersModule } from './index.ts';
import { positionsOf, StandInOrganizations } from './organizations.fixture.ts';
import { enrolledIn } from './rosters/events.fixture.ts';
import { successionReason } from './succession/reasons.ts';

const people = synthetic(11);
let nextPerson = 0;
const somebody = () => people.person(nextPerson++);
const logger = createLogger('silent');
const origin = { actor: 'cadre-1', correlationId: 'test' };
const patienceMs = 20_000;

let dataDir: string;
let platform: Platform;
let directory: ServiceDirectory;
let organizations: StandInOrganizations;
let organizationsService: RunningService;
let service: RunningService;

const members = () => remoteService(MembersServiceService, 'members', directory);

async function open(): Promise<void> {
  platform = await openEmbeddedPlatform({ dataDir, partitions: 2 });
  directory = new ServiceDirectory();
  organizations = new StandInOrganizations();
  organizationsService = await startService(organizations.module, { platform, directory, logger });
  directory.set('organizations', `127.0.0.1:${organizationsService.port}`);
  service = await startService(membersModule, { platform, directory, logger });
  directory.set('members', `127.0.0.1:${service.port}`);
}

async function close(): Promise<void> {
  await service.stop();
  await organizationsService.stop();
  directory.close();
  await platform.close();
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'unionfold-members-'));
  await open();
});

afterAll(async () => {
  await close();
  await rm(dataDir, { recursive: true, force: true });
});

function enrolment(
  person: SyntheticPerson,
  unionId: string,
  changes: Partial<EnrolMemberRequest> = {},
): EnrolMemberRequest {
  const { name, citizenNumber, mobile } = person;
  return {
    memberId: '',
    unionId,
    name,
    citizenNumber,
    mobile,
    joinedOn: '2025-01-01',
    synthetic: true,
    ...changes,
  };
}

async function enrol(person: SyntheticPerson, unionId: string): Promise<string> {
  return accepted(await members().enrolMember(enrolment(person, unionId), origin)).id;
}

function accepted(answer: CommandAccepted | Refusal): CommandAccepted {
  if (isRefusal(answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
}

async function read(memberId: string): Promise<Member> {
  const member = await members().getMember({ memberId }, origin);
  if (isRefusal(member)) throw new Error(`refused: ${member.refused}`);
  return member;
}

async function succeeded(targets: readonly ConsumerPosition[]): Promise<void> {
  const [reaction] = service.reactions;
  expect(await reaction?.waitFor(targets, patienceMs)).toBe(true);
}

async function union(): Promise<string> {
  const unionId = newId();
  await organizations.establish(unionId);
  return unionId;
}

const correction = {
  name: '',
  citizenNumber: '',
  mobile: '',
  reason: '更正',
  expectedVersion: 0n,
};

describe('a member (会员)', () => {
  it('is enrolled in a union established a moment ago, and read masked', async () => {
    const person = somebody();
    const memberId = await enrol(person, await union());
    const { name, citizenNumber, mobile, birthDate } = person;
    expect(await read(memberId)).toMatchObject({
      memberId,
      status: MembershipStatus.MEMBERSHIP_STATUS_ACTIVE,
      name,
      citizenNumberMasked: `${citizenNumber.slice(0, 3)}***********${citizenNumber.slice(-4)}`,
      mobileMasked: `${mobile.slice(0, 3)}****${mobile.slice(-4)}`,
      gender: person.gender === 'male' ? Gender.GENDER_MALE : Gender.GENDER_FEMALE,
      birthDate,
      joinedOn: '2025-01-01',
      synthetic: true,
      version: 1n,
    });
  });

  it('is enrolled without asking organizations once the rosters know the union', async () => {
    const unionId = newId();
    const positions = await organizations.establish(unionId);
    expect(await service.projections[0]?.waitFor(positions, patienceMs)).toBe(true);
    const before = organizations.asked;
    await enrol(somebody(), unionId);
    expect(organizations.asked).toBe(before);
  });

  it('refusals come over the wire with code, field and parameters', async () => {
    const unionId = await union();
    const memberId = await enrol(somebody(), unionId);
    const person = somebody();
    const enrolling = async (changes: Partial<EnrolMemberRequest>) =>
      await members().enrolMember(enrolment(person, unionId, changes), origin);
    expect(await enrolling({ memberId })).toEqual({
      refused: 'id-taken',
      field: 'memberId',
      params: { id: memberId },
    });
    expect(await enrolling({ memberId: '../etc' })).toMatchObject({ refused: 'id-invalid' });
    expect(await enrolling({ citizenNumber: person.citizenNumber.slice(1) })).toEqual({
      refused: 'citizen-number-invalid-length',
      field: 'citizenNumber',
    });
    expect(await enrolling({ unionId: 'nowhere' })).toEqual({
      refused: 'union-unknown',
      field: 'unionId',
    });
    const pending = newId();
    organizations.tell(pending, UnionStatus.UNION_STATUS_PENDING);
    expect(await enrolling({ unionId: pending })).toMatchObject({ refused: 'union-not-live' });
    expect(await members().getMember({ memberId: 'nobody' }, origin)).toEqual({
      refused: 'member-unknown',
      field: 'memberId',
    });
  });

  it('transfers, and a stale expected version is refused', async () => {
    const memberId = await enrol(somebody(), await union());
    const toUnionId = await union();
    const transfer = { memberId, toUnionId, reason: '换单位', expectedVersion: 1n };
    expect(accepted(await members().transferMember(transfer, origin)).version).toBe(2n);
    expect((await read(memberId)).unionId).toBe(toUnionId);
    expect(await members().transferMember(transfer, origin)).toEqual({
      refused: 'version-conflict',
      field: 'expectedVersion',
      params: { expected: 1, actual: 2 },
    });
    // The same transfer again has nothing to change.
    const again = accepted(
      await members().transferMember({ ...transfer, expectedVersion: 0n }, origin),
    );
    expect(again).toMatchObject({ version: 2n, positions: [] });
  });

  it('is enrolled once under one idempotency key', async () => {
    const request = enrolment(somebody(), await union());
    const keyed = { ...origin, idempotencyKey: `cadre-1:${newId()}` };
    const [first, again] = [
      accepted(await members().enrolMember(request, keyed)),
      accepted(await members().enrolMember(request, keyed)),
    ];
    expect(again).toEqual(first);
    expect(first.positions.length).toBeGreaterThan(0);
  });
});

describe('one live membership a person, nationwide (会籍唯一)', () => {
  it('of 50 who enrol the same person at once, exactly one succeeds', async () => {
    const person = somebody();
    const unionIds = await Promise.all(Array.from({ length: 5 }, union));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        members().enrolMember(enrolment(person, unionIds[i % 5] ?? ''), origin),
      ),
    );
    expect(answers.filter((answer) => !isRefusal(answer))).toHaveLength(1);
    for (const answer of answers.filter(isRefusal)) {
      expect(answer).toEqual({ refused: 'member-duplicate', field: 'citizenNumber' });
    }
  });

  it('who has left can be enrolled again, under another id and by a number typed otherwise', async () => {
    const person = somebody();
    const unionId = await union();
    const memberId = await enrol(person, unionId);
    const leave = { memberId, reason: '本人申请', expectedVersion: 0n };
    expect(accepted(await members().leaveUnion(leave, origin)).version).toBe(2n);
    expect((await read(memberId)).status).toBe(MembershipStatus.MEMBERSHIP_STATUS_LEFT);
    const typed = ` ${person.citizenNumber.toLowerCase()}`;
    const request = enrolment(person, unionId, { citizenNumber: typed });
    const second = accepted(await members().enrolMember(request, origin)).id;
    expect(second).not.toBe(memberId);
    // Leaving a second time must not free what the new membership holds.
    expect(accepted(await members().leaveUnion(leave, origin)).version).toBe(2n);
    expect(await members().enrolMember(enrolment(person, unionId), origin)).toMatchObject({
      refused: 'member-duplicate',
    });
  });

  it('a correction to a number that is taken is refused, and nothing is appended', async () => {
    const [one, other] = [somebody(), somebody()];
    const unionId = await union();
    await enrol(one, unionId);
    const memberId = await enrol(other, unionId);
    const { citizenNumber } = one;
    expect(
      await members().correctMember({ ...correction, memberId, citizenNumber }, origin),
    ).toEqual({ refused: 'member-duplicate', field: 'citizenNumber' });
    expect((await read(memberId)).version).toBe(1n);
    expect(await members().enrolMember(enrolment(other, unionId), origin)).toMatchObject({
      refused: 'member-duplicate',
    });
  });

  it('a correction to a free number takes it and frees the old one', async () => {
    const [wrong, right] = [somebody(), somebody()];
    const unionId = await union();
    const memberId = await enrol(wrong, unionId);
    const { citizenNumber, birthDate } = right;
    accepted(await members().correctMember({ ...correction, memberId, citizenNumber }, origin));
    expect(await read(memberId)).toMatchObject({ name: wrong.name, birthDate, version: 2n });
    expect(await members().enrolMember(enrolment(right, unionId), origin)).toMatchObject({
      refused: 'member-duplicate',
    });
    await enrol(wrong, unionId);
  });

  it('a correction of somebody who was forgotten is refused for that', async () => {
    const unionId = await union();
    const memberId = await enrol(somebody(), unionId);
    await platform.keys.destroy(memberId);
    expect(
      await members().correctMember({ ...correction, memberId, mobile: '10012345678' }, origin),
    ).toMatchObject({ refused: 'person-forgotten' });
    expect((await read(memberId)).version).toBe(1n);
  });
});

describe('a union is dissolved (工会撤销)', () => {
  it('its members are at the successor of the successor, and the union takes no more', async () => {
    const [first, second, third] = [await union(), await union(), await union()];
    const memberIds = await Promise.all(
      Array.from({ length: 200 }, () => enrol(somebody(), first)),
    );
    const [leaver = '', ...others] = memberIds;
    await members().leaveUnion({ memberId: leaver, reason: '', expectedVersion: 0n }, origin);
    await succeeded([
      ...(await organizations.dissolve(first, second)),
      ...(await organizations.dissolve(second, third)),
    ]);
    // What was moved to the second before its end was heard of is moved on in reaction to that transfer.
    await expect
      .poll(async () => new Set(await unionsOf(others)), { timeout: patienceMs })
      .toEqual(new Set([third]));
    expect((await read(leaver)).unionId).toBe(first);
    expect(await members().enrolMember(enrolment(somebody(), first), origin)).toEqual({
      refused: 'union-dissolved',
      field: 'unionId',
    });
    const transfer = { memberId: leaver, reason: '', expectedVersion: 0n };
    expect(await members().transferMember({ ...transfer, toUnionId: first }, origin)).toMatchObject(
      {
        refused: 'member-not-live',
      },
    );
  });

  it('who is enrolled while it is being dissolved is carried over as well', async () => {
    const [dissolving, successor] = [await union(), await union()];
    const enrolments = Array.from({ length: 200 }, () =>
      members().enrolMember(enrolment(somebody(), dissolving), origin),
    );
    // In the middle of it: some are enrolled by now, others are under way.
    await Promise.race(enrolments);
    const positions = await organizations.dissolve(dissolving, successor);
    const answers = await Promise.all(enrolments);
    for (const refusal of answers.filter(isRefusal)) {
      expect(refusal).toEqual({ refused: 'union-dissolved', field: 'unionId' });
    }
    const memberIds = answers.flatMap((answer) => (isRefusal(answer) ? [] : answer.id));
    await succeeded(positions);
    await expect
      .poll(async () => new Set(await unionsOf(memberIds)), { timeout: patienceMs })
      .toEqual(new Set([successor]));
  });

  it('who was enrolled by somebody that had not heard of it is carried over', async () => {
    const [dissolving, successor] = [await union(), await union()];
    await succeeded(await organizations.dissolve(dissolving, successor));
    const elsewhere = new CommandHandler({
      store: (await platform.storage('members')).events,
      codec: new ProtoEventCodec(platform.keys),
      clock: () => new Date(),
      newId,
    });
    const memberId = newId();
    const late = await elsewhere.execute(origin, async (session) => {
      session.append('member', memberId, [enrolledIn(dissolving, memberId)]);
      return memberId;
    });
    await succeeded(positionsOf('members', late));
    expect(await read(memberId)).toMatchObject({ unionId: successor, version: 2n });
  });
});

describe('the service', () => {
  it('answers that it is unavailable, and appends nothing, while organizations is down', async () => {
    const person = somebody();
    const memberId = newId();
    const unionId = newId();
    await organizationsService.stop();
    const request = enrolment(person, unionId, { memberId });
    await expect(members().enrolMember(request, origin)).rejects.toThrow(RemoteUnavailableError);
    const { events } = await platform.storage('members');
    expect(await events.readStream(`member-${memberId}`)).toEqual([]);
    await close();
    await open();
    organizations.tell(unionId, UnionStatus.UNION_STATUS_ACTIVE);
    accepted(await members().enrolMember(request, origin));
  });

  it('has everything after a restart, and leaves nobody readable in the files', async () => {
    const persons = Array.from({ length: 20 }, somebody);
    const unionId = await union();
    const memberIds = await Promise.all(persons.map((person) => enrol(person, unionId)));
    const renamed = '独特姓名甲乙丙';
    const [memberId = ''] = memberIds;
    accepted(await members().correctMember({ ...correction, memberId, name: renamed }, origin));
    const successor = await union();
    await succeeded(await organizations.dissolve(unionId, successor));

    const secrets = [
      renamed,
      successionReasonControl,
      ...persons.flatMap(({ citizenNumber, mobile, name }) => [citizenNumber, mobile, name]),
    ];
    expect(await foundInFiles(secrets)).toEqual([successionReasonControl]);
    await close();
    expect(await foundInFiles(secrets)).toEqual([successionReasonControl]);
    await open();
    expect((await read(memberId)).name).toBe(renamed);
    expect(await unionsOf(memberIds)).toEqual(memberIds.map(() => successor));
  });
});

/** Not secret: shows that the search finds what is there. */
const successionReasonControl = successionReason;

async function unionsOf(memberIds: readonly string[]): Promise<string[]> {
  return (await Promise.all(memberIds.map(read))).map(({ unionId }) => unionId);
}

/** Which of the texts stand in any file of the data folder, write-ahead logs included. */
async function foundInFiles(texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = await Promise.all(
    files.map((file) => readFile(join(file.parentPath, file.name))),
  );
  return texts.filter((text) => contents.some((content) => content.includes(text)));
}
