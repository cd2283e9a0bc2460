import { OfficerBody, OfficerPost, type OfficerSeat } from '@unionfold/contracts';
import { ApprovalStatus } from '@unionfold/contracts/organizations';
import type { Document, UnitOfWork } from '@unionfold/eventsourcing';
import {
  type DutyDocument,
  type ElectionDocument,
  type ElectionExceptionDocument,
  type SeatDocument,
  type TenureDocument,
  type TermDocument,
  termIdOf,
} from './committee-documents.ts';
import type { EventHandlers, FederationContext } from './projection.ts';
import { refreshRecord } from './records.ts';

const notWarned = { due6: false, due3: false, due0: false };
const undecided = {
  status: ApprovalStatus.APPROVAL_STATUS_PENDING,
  decidedByUnionId: '',
  approvalDocument: '',
  rejectionReason: '',
};

/** Terms, elections and officers' duties (委员会与换届选举). */
export const committeeHandlers: EventHandlers = {
  TermBegan: async (term, context, { version }) => {
    const { tree } = context;
    // What lies at a union moves with it, though nobody has spoken of the union itself yet.
    await tree.add(term.unionId, {});
    const { path } = await tree.union(term.unionId);
    const { unionId, electionId, termNumber, termYears } = term;
    const { electedOn, beganOn, endsOn, seats } = term;
    await putTerm(context, {
      id: termIdOf(unionId, termNumber),
      unionId,
      path,
      electionId,
      termNumber,
      termYears,
      electedOn,
      beganOn,
      endsOn,
      dueOn: endsOn,
      endedOn: '',
      posts: seats.map(({ body, post }) => ({ body, post })),
      tenures: seats.map((seat) => tenure(seat, beganOn)),
      ...notWarned,
      version,
    });
  },
  TermEnded: async ({ unionId, termNumber, endedOn }, context, { version }) => {
    await changeTerm(context, unionId, termNumber, (term) => ({
      ...term,
      endedOn,
      tenures: term.tenures.map((held) => (held.until === '' ? { ...held, until: endedOn } : held)),
      ...notWarned,
      version,
    }));
  },
  TermResumed: async ({ unionId, termNumber, resumedOn, seats }, context, { version }) => {
    await changeTerm(context, unionId, termNumber, (term) => ({
      ...term,
      endedOn: '',
      tenures: [...term.tenures, ...seats.map((seat) => tenure(seat, resumedOn))],
      version,
    }));
  },
  PostsFilled: async ({ unionId, termNumber, filledOn, seats }, context, { version }) => {
    await changeTerm(context, unionId, termNumber, (term) => ({
      ...term,
      tenures: [...term.tenures, ...seats.map((seat) => tenure(seat, filledOn))],
      version,
    }));
  },
  PostVacated: async ({ unionId, termNumber, vacatedOn, seat }, context, { version }) => {
    await changeTerm(context, unionId, termNumber, (term) => ({
      ...term,
      tenures: term.tenures.map((held) =>
        seat !== undefined && isHeld(held, seat) ? { ...held, until: vacatedOn } : held,
      ),
      version,
    }));
  },
  ElectionTimeChanged: async ({ unionId, termNumber, dueOn }, context, { version }) => {
    await changeTerm(context, unionId, termNumber, (term) => ({
      ...term,
      dueOn,
      ...(dueOn === term.dueOn ? {} : notWarned),
      version,
    }));
  },
  TermEndWarned: async ({ unionId, termNumber, level }, context, { version }) => {
    await changeTerm(context, unionId, termNumber, (term) => ({
      ...term,
      due6: level <= 6,
      due3: level <= 3,
      due0: level === 0,
      version,
    }));
  },

  ElectionReported: async (election, { documents, tree }, { version }) => {
    const { electionId: id, unionId, kind, heldOn, termYears, seats } = election;
    await tree.add(unionId, {});
    const { path } = await tree.union(unionId);
    documents.put('elections', {
      id,
      unionId,
      path,
      kind,
      heldOn,
      termYears,
      seats: seats.map(seatDocument),
      approvedOn: '',
      ...undecided,
      version,
    } satisfies ElectionDocument);
  },
  ElectionApproved: async (approval, { documents }, { version }) => {
    const { electionId, approvedByUnionId, approvalDocument, approvedOn } = approval;
    const status = ApprovalStatus.APPROVAL_STATUS_APPROVED;
    const decision = { status, decidedByUnionId: approvedByUnionId, approvalDocument, approvedOn };
    await change(documents, 'elections', electionId, { ...decision, version });
  },
  ElectionRejected: async (rejection, { documents }, { version }) => {
    const { electionId, rejectedByUnionId: decidedByUnionId, reason: rejectionReason } = rejection;
    const status = ApprovalStatus.APPROVAL_STATUS_REJECTED;
    const decision = { status, decidedByUnionId, rejectionReason };
    await change(documents, 'elections', electionId, { ...decision, version });
  },

  ElectionExceptionRequested: async (request, { documents, tree }, { version }) => {
    const { exceptionId: id, unionId, kind, holdBy, reason } = request;
    await tree.add(unionId, {});
    const { path } = await tree.union(unionId);
    documents.put('election_exceptions', {
      id,
      unionId,
      path,
      kind,
      holdBy,
      reason,
      ...undecided,
      version,
    } satisfies ElectionExceptionDocument);
  },
  ElectionExceptionApproved: async (approval, { documents }, { version }) => {
    const { exceptionId, approvedByUnionId: decidedByUnionId, approvalDocument } = approval;
    const status = ApprovalStatus.APPROVAL_STATUS_APPROVED;
    const decision = { status, decidedByUnionId, approvalDocument };
    await change(documents, 'election_exceptions', exceptionId, { ...decision, version });
  },
  ElectionExceptionRejected: async (rejection, { documents }, { version }) => {
    const { exceptionId, rejectedByUnionId: decidedByUnionId, reason: rejectionReason } = rejection;
    const status = ApprovalStatus.APPROVAL_STATUS_REJECTED;
    const decision = { status, decidedByUnionId, rejectionReason };
    await change(documents, 'election_exceptions', exceptionId, { ...decision, version });
  },

  DutyAssigned: async ({ dutyId, unionId, ...duty }, { documents }) => {
    const id = dutyIdOf(unionId, dutyId);
    documents.put('duties', {
      id,
      dutyId,
      unionId,
      status: 'open',
      ...duty,
    } satisfies DutyDocument);
  },
  DutyReceived: async ({ dutyId, unionId, fromUnionId: _, ...duty }, { documents }) => {
    const chairs = {
      body: OfficerBody.OFFICER_BODY_COMMITTEE,
      post: OfficerPost.OFFICER_POST_CHAIR,
    };
    documents.put('duties', {
      id: dutyIdOf(unionId, dutyId),
      dutyId,
      unionId,
      status: 'open',
      ...duty,
      ...(duty.post === OfficerPost.OFFICER_POST_UNSPECIFIED ? chairs : {}),
    } satisfies DutyDocument);
  },
  DutyCompleted: async ({ dutyId, unionId }, { documents }) => {
    await change(documents, 'duties', dutyIdOf(unionId, dutyId), { status: 'done' });
  },
  DutyHandedOver: async ({ dutyId, unionId, toMemberId, toUnionId }, { documents }) => {
    const handed = toUnionId === unionId ? { holderId: toMemberId } : { status: 'passed-on' };
    await change(documents, 'duties', dutyIdOf(unionId, dutyId), handed);
  },
};

async function change(
  documents: UnitOfWork,
  collection: string,
  id: string,
  fields: Readonly<Record<string, string | number>>,
): Promise<void> {
  // The beginning is an earlier event of the same stream.
  const before = (await documents.get(collection, id)) as Document;
  documents.put(collection, { ...before, ...fields });
}

async function changeTerm(
  context: FederationContext,
  unionId: string,
  termNumber: number,
  changed: (term: TermDocument) => TermDocument,
): Promise<void> {
  const term = await context.documents.get('terms', termIdOf(unionId, termNumber));
  await putTerm(context, changed(term as TermDocument));
}

/** A term, and in the union's record who is in office by it. */
async function putTerm(context: FederationContext, term: TermDocument): Promise<void> {
  context.documents.put('terms', term);
  const held = term.tenures.filter(({ until }) => until === '').map(({ body }) => body);
  await refreshRecord(term.unionId, context, { bodies: [...new Set(held)].sort() });
}

function seatDocument({ body, post, memberId, fullTime }: OfficerSeat): SeatDocument {
  return { body, post, memberId, fullTime };
}

function tenure(seat: OfficerSeat, from: string): TenureDocument {
  return { ...seatDocument(seat), from, until: '' };
}

function isHeld(held: TenureDocument, { body, post, memberId }: OfficerSeat): boolean {
  return (
    held.until === '' && held.body === body && held.post === post && held.memberId === memberId
  );
}

function dutyIdOf(unionId: string, dutyId: string): string {
  return `${dutyId}.${unionId}`;
}
