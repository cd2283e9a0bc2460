import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { FundSource, HardshipCategory } from '@unionfold/contracts';
import { CaseStatus, type DeclareHardshipRequest } from '@unionfold/contracts/welfare';
import { isRefusal } from '@unionfold/eventsourcing';
import type { CallOrigin } from '@unionfold/service-kit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Neighbours } from './neighbours.fixture.ts';

let at: Neighbours;
const as = (actor: string, idempotencyKey?: string): CallOrigin => ({
  actor,
  correlationId: 'test',
  ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
});

beforeAll(async () => {
  at = await Neighbours.open();
  await at.establish('city', '');
  await at.establish('county', 'city');
  await at.establish('works', 'county');
  await at.establish('mill', 'county');
  await at.settle();
});

afterAll(async () => {
  await at.close();
});

/** The value of an accepted call. */
function accepted<T>(answer: T): Exclude<T, { readonly refused: string }> {
  if (isRefusal(answer)) throw new Error(`refused: ${answer.refused} ${answer.field ?? ''}`);
  return answer as Exclude<T, { readonly refused: string }>;
}

function refusedWith(answer: unknown): string {
  return isRefusal(answer) ? answer.refused : 'accepted';
}

const declaration = (caseId: string, memberId: string): DeclareHardshipRequest => ({
  caseId,
  memberId,
  householdSize: 3,
  annualIncomeFen: 2_000_000n,
  rigidExpenditureFen: 500_000n,
  accidentCostFen: 0n,
  statement: '长期患病',
  consent: true,
});

async function declare(caseId: string, memberId: string): Promise<void> {
  accepted(await at.welfare.declareHardship(declaration(caseId, memberId), as('worker')));
}

async function verify(caseId: string, verifiedByUnionId: string): Promise<void> {
  const request = { caseId, verifiedByUnionId, expectedVersion: 0n };
  accepted(await at.welfare.verifyHardship(request, as('verifier')));
}

async function approve(caseId: string, amountFen: bigint, approvedByUnionId = 'county') {
  const request = { caseId, approvedByUnionId, amountFen, expectedVersion: 0n };
  return await at.welfare.approveHardship(request, as('approver'));
}

async function pay(caseId: string, fundLineId: string, actor = 'payer') {
  return await at.welfare.payAid({ caseId, fundLineId, expectedVersion: 0n }, as(actor));
}

async function openFundLine(fundLineId: string, unionId: string, budgetFen: bigint): Promise<void> {
  const source = FundSource.FUND_SOURCE_UNION_DUES;
  const request = { fundLineId, unionId, source, name: '送温暖', budgetFen };
  accepted(await at.welfare.openFundLine(request, as('treasurer')));
}

const caseOf = async (caseId: string) =>
  accepted(await at.welfare.getCase({ caseId }, as('reader')));
const fundLineOf = async (fundLineId: string) =>
  accepted(await at.welfare.getFundLine({ fundLineId }, as('reader')));

describe('A hardship case', () => {
  it('is declared, verified, approved and paid, and the money is charged', async () => {
    await at.enrol('li', 'works');
    await openFundLine('spring', 'county', 1_000_000n);
    await declare('li-1', 'li');
    await verify('li-1', 'works');
    equal((await caseOf('li-1')).category, HardshipCategory.HARDSHIP_CATEGORY_DEEP);
    accepted(await approve('li-1', 300_000n));
    const paid = accepted(await pay('li-1', 'spring'));
    equal(paid.id, 'li-1');
    equal(paid.version, 4n);
    ok(paid.positions.length > 0);
    const { checks, ...facts } = await caseOf('li-1');
    equal(checks.length, 4);
    deepStrictEqual(facts, {
      caseId: 'li-1',
      memberId: 'li',
      unionId: 'works',
      status: CaseStatus.CASE_STATUS_PAID,
      category: HardshipCategory.HARDSHIP_CATEGORY_DEEP,
      amountFen: 300_000n,
      fundLineId: 'spring',
      version: 4n,
    });
    equal((await fundLineOf('spring')).balanceFen, 700_000n);
  });

  it('keeps what the household told out of the log', async () => {
    const [declared] = await at.recorded('hardship-case-li-1');
    const text = JSON.stringify(declared);
    for (const told of ['长期患病', '2000000', '500000']) ok(!text.includes(told), told);
  });

  it('is the only open one of its worker, even when two are declared at once', async () => {
    await at.enrol('wang', 'works');
    const answers = await Promise.all(
      ['wang-1', 'wang-2', 'wang-3'].map((caseId) =>
        at.welfare.declareHardship(declaration(caseId, 'wang'), as('worker')),
      ),
    );
    deepStrictEqual(answers.map(refusedWith).sort(), [
      'accepted',
      'case-open-already',
      'case-open-already',
    ]);
  });

  it('can be declared again after a rejection', async () => {
    await at.enrol('sun', 'works');
    await declare('sun-1', 'sun');
    const request = { caseId: 'sun-1', rejectedByUnionId: 'county', expectedVersion: 0n };
    equal(
      refusedWith(await at.welfare.rejectHardship({ ...request, opinion: '' }, as('zhao'))),
      'reason-missing',
    );
    accepted(await at.welfare.rejectHardship({ ...request, opinion: '材料不全' }, as('zhao')));
    await declare('sun-2', 'sun');
  });

  it('is declared once under one idempotency key', async () => {
    await at.enrol('hu', 'works');
    const request = declaration('', 'hu');
    const first = accepted(await at.welfare.declareHardship(request, as('worker', 'k1')));
    const again = accepted(await at.welfare.declareHardship(request, as('worker', 'k1')));
    equal(again.id, first.id);
    equal((await at.recorded(`hardship-case-${first.id}`)).length, 1);
  });

  it('is declared by a member of whom this service has not heard yet', async () => {
    at.knowMember('zhou', 'works');
    await declare('zhou-1', 'zhou');
    equal((await caseOf('zhou-1')).unionId, 'works');
    equal(
      refusedWith(await at.welfare.declareHardship(declaration('x', 'nobody'), as('worker'))),
      'member-unknown',
    );
  });

  it('refuses ids that are none, and what is not there', async () => {
    const spaced = await at.welfare.declareHardship(declaration('a b', 'li'), as('worker'));
    equal(refusedWith(spaced), 'id-invalid');
    equal(refusedWith(await at.welfare.getCase({ caseId: 'none' }, as('reader'))), 'case-unknown');
    const line = await at.welfare.getFundLine({ fundLineId: 'none' }, as('reader'));
    equal(refusedWith(line), 'fund-line-unknown');
    equal(refusedWith(await pay('none', 'spring')), 'case-unknown');
  });

  it('is decided by three different persons', async () => {
    await at.enrol('wu', 'works');
    await declare('wu-1', 'wu');
    await verify('wu-1', 'works');
    const request = { caseId: 'wu-1', amountFen: 100n, expectedVersion: 0n };
    const county = { ...request, approvedByUnionId: 'county' };
    const self = await at.welfare.approveHardship(county, as('verifier'));
    equal(refusedWith(self), 'maker-is-checker');
    const own = await at.welfare.approveHardship(
      { ...request, approvedByUnionId: 'works' },
      as('approver'),
    );
    equal(refusedWith(own), 'not-an-upper-union');
    accepted(await at.welfare.approveHardship(county, as('approver')));
    equal(refusedWith(await pay('wu-1', 'spring', 'approver')), 'maker-is-checker');
  });

  it('is refused when the caller has seen an older version', async () => {
    const stale = { caseId: 'wu-1', fundLineId: 'spring', expectedVersion: 2n };
    equal(refusedWith(await at.welfare.payAid(stale, as('payer'))), 'version-conflict');
  });

  it('gets no money of a union that is neither its own nor above it', async () => {
    await openFundLine('mill-line', 'mill', 1_000n);
    equal(refusedWith(await pay('wu-1', 'mill-line')), 'fund-line-outside-jurisdiction');
    equal(refusedWith(await pay('wu-1', 'no-line')), 'fund-line-unknown');
    equal((await fundLineOf('mill-line')).balanceFen, 1_000n);
  });

  it('is not verified on half of the data', async () => {
    at.knowMember('feng', 'works');
    await declare('feng-1', 'feng');
    await at.stop('members');
    const request = { caseId: 'feng-1', verifiedByUnionId: 'works', expectedVersion: 0n };
    equal(
      refusedWith(await at.welfare.verifyHardship(request, as('verifier'))),
      'verification-source-unavailable',
    );
    await at.start('members');
    await verify('feng-1', 'works');
  });

  it('stays within the cap of the household’s year, whatever was paid in it', async () => {
    await at.enrol('qin', 'works');
    await openFundLine('large', 'city', 100_000_000n);
    await declare('qin-1', 'qin');
    await verify('qin-1', 'works');
    equal(refusedWith(await approve('qin-1', 1_274_401n)), 'amount-over-cap');
    accepted(await approve('qin-1', 1_000_000n));
    accepted(await pay('qin-1', 'large'));
    await at.settle();
    await declare('qin-2', 'qin');
    await verify('qin-2', 'works');
    equal(refusedWith(await approve('qin-2', 274_401n)), 'amount-over-cap');
    const before = at.now;
    // New Year in China, while it is still the old year in UTC.
    at.now = new Date('2026-12-31T16:30:00Z');
    accepted(await approve('qin-2', 1_274_400n));
    at.now = before;
  });

  it('is still there after a restart', async () => {
    await at.stop('welfare');
    await at.start('welfare');
    equal((await caseOf('li-1')).status, CaseStatus.CASE_STATUS_PAID);
  });
});

describe('A fund line', () => {
  it('is never overdrawn by 50 payments at once', async () => {
    await openFundLine('rush', 'county', 2_050n);
    const ids = Array.from({ length: 50 }, (_, i) => `rush-${i}`);
    for (const id of ids) {
      await at.enrol(id, 'works');
      await declare(id, id);
      await verify(id, 'works');
      accepted(await approve(id, 100n));
    }
    const answers = await Promise.all(ids.map((id) => pay(id, 'rush')));
    const outcomes = answers.map(refusedWith);
    equal(outcomes.filter((outcome) => outcome === 'accepted').length, 20);
    equal(outcomes.filter((outcome) => outcome === 'fund-line-insufficient').length, 30);
    equal((await fundLineOf('rush')).balanceFen, 50n);
    const charges = (await at.recorded('fund-line-rush')).slice(1);
    equal(charges.length, 20);
    equal(new Set(charges.map(({ data }) => data['paymentId'])).size, 20);
    for (const [i, id] of ids.entries()) {
      const { status } = await caseOf(id);
      const expected = outcomes[i] === 'accepted' ? 'CASE_STATUS_PAID' : 'CASE_STATUS_APPROVED';
      equal(status, CaseStatus[expected]);
    }
  });
});

describe('The succession', () => {
  it('has an open case follow its worker, and leaves a closed one where it was', async () => {
    await at.enrol('tang', 'works');
    await declare('tang-1', 'tang');
    await at.transfer('tang', 'mill');
    await at.transfer('li', 'mill');
    await at.settle();
    equal((await caseOf('tang-1')).unionId, 'mill');
    equal((await caseOf('li-1')).unionId, 'works');
    equal((await at.recorded('hardship-case-tang-1')).length, 2);
  });

  it('passes open cases and fund lines of a dissolved union to the last successor', async () => {
    await at.establish('old', 'county');
    await at.establish('middle', 'county');
    await at.establish('new', 'county');
    for (const id of ['mei', 'lan']) {
      await at.enrol(id, 'old');
      await declare(`${id}-1`, id);
    }
    await openFundLine('old-line', 'old', 5_000n);
    await at.settle();
    await at.dissolve('old', 'middle');
    await at.dissolve('middle', 'new');
    await at.settle();
    equal((await caseOf('mei-1')).unionId, 'new');
    equal((await caseOf('lan-1')).unionId, 'new');
    equal((await fundLineOf('old-line')).unionId, 'new');
    equal((await fundLineOf('old-line')).balanceFen, 5_000n);
  });

  it('does not move a case again when its worker is carried over after it', async () => {
    const before = (await at.recorded('hardship-case-mei-1')).length;
    await at.transfer('mei', 'new');
    await at.settle();
    equal((await at.recorded('hardship-case-mei-1')).length, before);
  });

  it('catches a case that is declared in a union already dissolved', async () => {
    at.knowMember('late', 'old');
    await declare('late-1', 'late');
    await at.settle();
    equal((await caseOf('late-1')).unionId, 'new');
  });

  it('catches a case that was declared where its worker no longer was', async () => {
    await at.enrol('early', 'mill');
    await at.settle();
    await at.declareLate('early-1', 'early', 'works');
    await at.settle();
    equal((await caseOf('early-1')).unionId, 'mill');
  });

  it('does not send a case back for an old transfer that arrives late', async () => {
    at.knowMember('slow', 'mill');
    await declare('slow-1', 'slow');
    await at.tellEnrolled('slow', 'county');
    await at.tellTransferred('slow', 'county', 'works');
    await at.settle();
    equal((await caseOf('slow-1')).unionId, 'mill');
    equal((await at.recorded('hardship-case-slow-1')).length, 1);
  });

  it('appends nothing when every event comes again', async () => {
    const before = await at.appended();
    await at.redeliver();
    equal(await at.appended(), before);
  });
});
