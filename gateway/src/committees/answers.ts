import { ElectionKind, OfficerBody, OfficerPost, VacancyCause } from '@unionfold/contracts';
import { ApprovalStatus } from '@unionfold/contracts/organizations';
import Type, { type Static } from 'typebox';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import { reference, textEnum } from '../http/operation.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type {
  DutyDocument,
  ElectionDocument,
  ElectionExceptionDocument,
  PostDocument,
  SeatDocument,
  TenureDocument,
  TermDocument,
} from '../read-models/federation/committee-documents.ts';

/** Kinds of election (选举类型). */
export const electionKinds = enumWords({
  regular: ElectionKind.ELECTION_KIND_REGULAR,
  'by-election': ElectionKind.ELECTION_KIND_BY_ELECTION,
  early: ElectionKind.ELECTION_KIND_EARLY,
  late: ElectionKind.ELECTION_KIND_LATE,
});

/** Kinds that need an upper union's leave. */
export const exceptionKinds = enumWords({
  early: ElectionKind.ELECTION_KIND_EARLY,
  late: ElectionKind.ELECTION_KIND_LATE,
});

/** Elected bodies (机构). */
export const bodies = enumWords({
  committee: OfficerBody.OFFICER_BODY_COMMITTEE,
  audit: OfficerBody.OFFICER_BODY_AUDIT,
  women: OfficerBody.OFFICER_BODY_WOMEN,
});

/** Posts (职务). */
export const posts = enumWords({
  chair: OfficerPost.OFFICER_POST_CHAIR,
  'vice-chair': OfficerPost.OFFICER_POST_VICE_CHAIR,
  'audit-chair': OfficerPost.OFFICER_POST_AUDIT_CHAIR,
  'women-chair': OfficerPost.OFFICER_POST_WOMEN_CHAIR,
  member: OfficerPost.OFFICER_POST_MEMBER,
});

/** Why a cadre reports that somebody ceased from a post; transfers and leaving are noticed by the platform. */
export const vacancyCauses = enumWords({
  resigned: VacancyCause.VACANCY_CAUSE_RESIGNED,
  removed: VacancyCause.VACANCY_CAUSE_REMOVED,
  other: VacancyCause.VACANCY_CAUSE_OTHER,
});

/** Where a decision of the upper union stands. */
export const approvalStatuses = enumWords({
  pending: ApprovalStatus.APPROVAL_STATUS_PENDING,
  approved: ApprovalStatus.APPROVAL_STATUS_APPROVED,
  rejected: ApprovalStatus.APPROVAL_STATUS_REJECTED,
});

const bodyWords =
  '委员会、经费审查委员会、女职工委员会 | Committee, audit committee, women workers’ committee.';
const postWords =
  '主席、副主席(委员会);经审主任;女工主任;委员 | Chair and vice chair of the committee, chairs of the two others, members.';

/** A post and who was elected to it. */
export const ElectedPost = Type.Object(
  {
    body: wordSchema(bodies, bodyWords),
    post: wordSchema(posts, postWords),
    memberId: Type.String({ minLength: 1, maxLength: 64, description: '会员编号 | The member.' }),
    fullTime: Type.Boolean({ description: '专职 | Full-time; otherwise part-time.' }),
  },
  { $id: 'ElectedPost' },
);

const date = (description: string) => Type.String({ format: 'date', description });

const decision = {
  status: wordSchema(
    approvalStatuses,
    '待批复、已批复、不予批复 | Not decided, approved, rejected.',
  ),
  decidedByUnionId: Type.Optional(
    Type.String({
      description: '批复的上级工会(管辖范围内) | The upper union, where it is in the jurisdiction.',
    }),
  ),
  approvalDocument: Type.Optional(
    Type.String({ description: '批复文号 | Number of the approval.' }),
  ),
  rejectionReason: Type.Optional(Type.String()),
};

/** An election (选举). */
export const Election = Type.Object(
  {
    id: Type.String(),
    unionId: Type.String(),
    kind: wordSchema(electionKinds, '换届、补选、提前换届、延期换届'),
    heldOn: date('选举日期 | Day of the election.'),
    termYears: Type.Optional(Type.Integer({ description: '任期(年) | Years of the term.' })),
    posts: Type.Array(reference(ElectedPost)),
    ...decision,
    approvedOn: Type.Optional(date('批复日期 | Day of the approval.')),
    version: Type.Integer(),
  },
  { $id: 'Election' },
);

/** A request to elect early or late (提前或延期换届申请). */
export const ElectionException = Type.Object(
  {
    id: Type.String(),
    unionId: Type.String(),
    kind: wordSchema(exceptionKinds, '提前、延期'),
    holdBy: date('最迟选举日期 | The election is held by this day.'),
    reason: Type.String(),
    ...decision,
    version: Type.Integer(),
  },
  { $id: 'ElectionException' },
);

const warning = textEnum(
  ['6', '3', '0'],
  '换届预警:6 个月内、3 个月内、已逾期 | Due within 6 months, within 3, overdue.',
);

const BodyAnswer = Type.Object({
  body: wordSchema(bodies, bodyWords),
  posts: Type.Array(
    Type.Object({
      post: wordSchema(posts, postWords),
      memberId: Type.String(),
      fullTime: Type.Boolean(),
      since: date('任职日期 | Holds the post from this day.'),
    }),
  ),
  vacancies: Type.Array(wordSchema(posts, '空缺职务 | Posts that nobody holds.')),
});

/** A union's bodies on a day (工会机构); without a term when none was in office. */
export const Committee = Type.Object(
  {
    unionId: Type.String(),
    termNumber: Type.Optional(Type.Integer({ description: '届次 | Number of the term.' })),
    termYears: Type.Optional(Type.Integer()),
    electionId: Type.Optional(Type.String()),
    electedOn: Type.Optional(date('当选日期 | Day of the election.')),
    beganOn: Type.Optional(date('任期开始 | The term began.')),
    endsOn: Type.Optional(date('换届应到日期 | The term ends.')),
    dueOn: Type.Optional(
      date(
        '换届期限,经批准延期的为批准的期限 | The next election is due; later where it was put off.',
      ),
    ),
    endedOn: Type.Optional(date('任期实际结束日期 | The term ended.')),
    warning: Type.Optional(warning),
    bodies: Type.Array(BodyAnswer),
    version: Type.Integer({
      description: '机构的版本;从未选举为 0 | Version; 0 when never elected.',
    }),
  },
  {
    $id: 'Committee',
    examples: [
      {
        unionId: '01k2ab3cd4ef5gh6jk7m',
        termNumber: 2,
        termYears: 5,
        electionId: '01k2ab3cd4ef5gh6jk7n',
        electedOn: '2024-05-20',
        beganOn: '2024-06-03',
        endsOn: '2029-05-20',
        dueOn: '2029-05-20',
        bodies: [
          {
            body: 'committee',
            posts: [
              {
                post: 'chair',
                memberId: '01k2ab3cd4ef5gh6jk7p',
                fullTime: true,
                since: '2024-06-03',
              },
            ],
            vacancies: ['vice-chair'],
          },
        ],
        version: 4,
      },
    ],
  },
);

/** A union whose term ends soon or has ended (换届预警). */
export const TermEnding = Type.Object(
  {
    unionId: Type.String(),
    unionName: Type.String(),
    termNumber: Type.Integer(),
    electedOn: date('当选日期 | Day of the election.'),
    endsOn: date('换届应到日期 | The term ends.'),
    dueOn: date('换届期限 | The next election is due.'),
    warning,
  },
  { $id: 'TermEnding' },
);

/** What an officer has to do (待办). */
export const Duty = Type.Object(
  {
    id: Type.String(),
    unionId: Type.String(),
    title: Type.String({ description: '事项代码 | What is to be done.' }),
    subjectType: Type.String({ description: '对象类型 | What it is about.' }),
    subjectId: Type.String(),
    body: wordSchema(bodies, bodyWords),
    post: wordSchema(posts, postWords),
    holderId: Type.Optional(
      Type.String({
        description: '经办人;无人任职时为空 | Who holds it; absent while nobody can.',
      }),
    ),
    status: textEnum(
      ['open', 'done', 'passed-on'],
      '待办、已办结、已移交接续工会 | Open, done, with the successor of a dissolved union.',
    ),
  },
  { $id: 'Duty' },
);

/** An election as the API tells it. */
export function electionAnswer(found: ElectionDocument, scope: Scope): Static<typeof Election> {
  const { id, unionId, heldOn, termYears, approvedOn, version } = found;
  return {
    id,
    unionId,
    kind: electionKinds.toWord(found.kind) ?? 'regular',
    heldOn,
    ...(termYears === 0 ? {} : { termYears }),
    posts: found.seats.map(seatAnswer),
    ...decisionAnswer(found, scope),
    ...(approvedOn === '' ? {} : { approvedOn }),
    version,
  };
}

/** A request to elect early or late as the API tells it. */
export function exceptionAnswer(
  found: ElectionExceptionDocument,
  scope: Scope,
): Static<typeof ElectionException> {
  const { id, unionId, holdBy, reason, version } = found;
  const kind = exceptionKinds.toWord(found.kind) ?? 'early';
  return { id, unionId, kind, holdBy, reason, ...decisionAnswer(found, scope), version };
}

/**
 * A union's bodies as the API tells them.
 * @param term the term in which the day lies; undefined when none was in office
 * @param day 'yyyy-MM-dd'; undefined: as it is now
 */
export function committeeAnswer(
  unionId: string,
  term: TermDocument | undefined,
  day?: string,
): Static<typeof Committee> {
  if (term === undefined) return { unionId, bodies: [], version: 0 };
  const { termNumber, termYears, electionId, electedOn, beganOn, endsOn, dueOn, endedOn } = term;
  const level = warningOf(term);
  return {
    unionId,
    termNumber,
    termYears,
    electionId,
    electedOn,
    beganOn,
    endsOn,
    dueOn,
    ...(endedOn === '' ? {} : { endedOn }),
    ...(level === undefined ? {} : { warning: level }),
    bodies: bodiesOf(term, day),
    version: term.version,
  };
}

/** A term that ends as the API tells it. */
export function termEndingAnswer(term: TermDocument, unionName: string): Static<typeof TermEnding> {
  const { unionId, termNumber, electedOn, endsOn, dueOn } = term;
  const level = warningOf(term) ?? '6';
  return { unionId, unionName, termNumber, electedOn, endsOn, dueOn, warning: level };
}

/** A duty as the API tells it. */
export function dutyAnswer(duty: DutyDocument): Static<typeof Duty> {
  const { dutyId, unionId, title, subjectType, subjectId, holderId, status } = duty;
  return {
    id: dutyId,
    unionId,
    title,
    subjectType,
    subjectId,
    body: bodies.toWord(duty.body) ?? 'committee',
    post: posts.toWord(duty.post) ?? 'member',
    ...(holderId === '' ? {} : { holderId }),
    status,
  };
}

/** Whether a term was in office on a day. */
export function isInOffice({ beganOn, endedOn }: TermDocument, day: string): boolean {
  return beganOn <= day && (endedOn === '' || day < endedOn);
}

function bodiesOf(term: TermDocument, day: string | undefined): Static<typeof BodyAnswer>[] {
  const held = term.tenures.filter((tenure) => isHeldOn(tenure, day));
  return bodies.words.flatMap((body) => {
    const value = bodies.toValue(body);
    const seats = held.filter((seat) => seat.body === value);
    const all = term.posts.filter((post) => post.body === value);
    if (all.length === 0) return [];
    const order = (seat: PostDocument) => posts.words.indexOf(postWord(seat));
    return {
      body,
      posts: seats
        .toSorted((a, b) => order(a) - order(b))
        .map((seat) => ({
          post: postWord(seat),
          memberId: seat.memberId,
          fullTime: seat.fullTime,
          since: seat.from,
        })),
      vacancies: vacant(all, seats),
    };
  });
}

function isHeldOn({ from, until }: TenureDocument, day: string | undefined): boolean {
  if (day === undefined) return until === '';
  return from <= day && (until === '' || day < until);
}

function vacant(all: readonly PostDocument[], held: readonly PostDocument[]) {
  const missing = all.map(postWord);
  for (const seat of held) {
    const index = missing.indexOf(postWord(seat));
    if (index >= 0) missing.splice(index, 1);
  }
  return missing;
}

function warningOf({ due6, due3, due0 }: TermDocument): '6' | '3' | '0' | undefined {
  if (due0) return '0';
  if (due3) return '3';
  return due6 ? '6' : undefined;
}

function postWord(seat: PostDocument) {
  return posts.toWord(seat.post) ?? 'member';
}

function seatAnswer(seat: SeatDocument): Static<typeof ElectedPost> {
  const { memberId, fullTime } = seat;
  const body = bodies.toWord(seat.body) ?? 'committee';
  return { body, post: postWord(seat), memberId, fullTime };
}

function decisionAnswer(found: ElectionDocument | ElectionExceptionDocument, scope: Scope) {
  const { decidedByUnionId, approvalDocument, rejectionReason } = found;
  // An upper union outside the jurisdiction is not told of: only the caller's own path is inside.
  const isTold =
    decidedByUnionId === scope.unionId || scope.covers(pathTo(found, decidedByUnionId));
  return {
    status: approvalStatuses.toWord(found.status) ?? ('pending' as const),
    ...(decidedByUnionId !== '' && isTold ? { decidedByUnionId } : {}),
    ...(approvalDocument === '' ? {} : { approvalDocument }),
    ...(rejectionReason === '' ? {} : { rejectionReason }),
  };
}

/** The path of a union above the one that the document lies at; empty when it stands elsewhere now. */
function pathTo({ path }: { readonly path: string }, unionId: string): string {
  const at = path.indexOf(`/${unionId}/`);
  return at < 0 ? '' : path.slice(0, at + unionId.length + 2);
}
