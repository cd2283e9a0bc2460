import { parseCitizenNumber, synthetic } from '@unionfold/codes';
import { Gender } from '@unionfold/contracts';
import { isRefusal } from '@unionfold/eventsourcing';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberDecider } from './decider.ts';
import type {
  CorrectMember,
  EnrolMember,
  MemberCommand,
  MemberEvent,
  MemberState,
  TransferMember,
} from './member.ts';

const { given } = specificationFor(memberDecider);
const today = '2025-06-01';
const people = synthetic(7);
const [zhao, qian] = [people.person(1), people.person(2)];

const enrol: EnrolMember = {
  type: 'EnrolMember',
  memberId: 'm1',
  unionId: 'u1',
  union: 'active',
  name: ` ${zhao.name} `,
  citizenNumber: ` ${zhao.citizenNumber.toLowerCase()}`,
  citizenNumberIndex: 'index-1',
  mobile: `+86 ${zhao.mobile}`,
  joinedOn: '2025-05-31',
  synthetic: true,
  today,
};

const enrolled: MemberEvent = {
  type: 'MemberEnrolled',
  data: {
    memberId: 'm1',
    unionId: 'u1',
    name: zhao.name,
    citizenNumber: zhao.citizenNumber,
    citizenNumberIndex: 'index-1',
    mobile: zhao.mobile,
    gender: zhao.gender === 'male' ? Gender.GENDER_MALE : Gender.GENDER_FEMALE,
    birthDate: zhao.birthDate,
    joinedOn: '2025-05-31',
    synthetic: true,
  },
};

const correct: CorrectMember = {
  type: 'CorrectMember',
  name: '',
  citizenNumber: '',
  citizenNumberIndex: '',
  mobile: '',
  reason: '录入有误',
  today,
};

const transfer: TransferMember = {
  type: 'TransferMember',
  toUnionId: 'u2',
  toUnion: 'active',
  reason: '换了单位',
};

const transferred: MemberEvent = {
  type: 'MemberTransferred',
  data: { memberId: 'm1', fromUnionId: 'u1', toUnionId: 'u2', reason: '换了单位' },
};

const left: MemberEvent = {
  type: 'MemberLeft',
  data: { memberId: 'm1', unionId: 'u1', reason: '本人申请' },
};

describe('enrolling (入会)', () => {
  it('takes the particulars as they are read, and gender and birth date from the number', () => {
    given([]).when(enrol).then([enrolled]);
  });

  it('takes today where no day of joining is given', () => {
    given([])
      .when({ ...enrol, joinedOn: '' })
      .then([{ ...enrolled, data: { ...enrolled.data, joinedOn: today } } as MemberEvent]);
  });

  it('does not need a mobile number', () => {
    given([])
      .when({ ...enrol, mobile: ' ' })
      .then([{ ...enrolled, data: { ...enrolled.data, mobile: '' } } as MemberEvent]);
  });

  it.each<[string, string, Partial<EnrolMember>]>([
    ['name-missing', 'name', { name: ' \u3000' }],
    ['name-too-long', 'name', { name: '长'.repeat(61) }],
    ['citizen-number-missing', 'citizenNumber', { citizenNumber: ' ' }],
    ['citizen-number-invalid-length', 'citizenNumber', { citizenNumber: '123' }],
    [
      'citizen-number-invalid-check-digit',
      'citizenNumber',
      { citizenNumber: withWrongCheckDigit(zhao.citizenNumber) },
    ],
    ['citizen-number-invalid-birth-date', 'citizenNumber', { today: '1900-01-01', joinedOn: '' }],
    ['mobile-invalid', 'mobile', { mobile: '12345' }],
    ['date-invalid', 'joinedOn', { joinedOn: '2025-02-29' }],
    ['date-invalid', 'joinedOn', { joinedOn: '1900-01-01' }],
    ['date-in-future', 'joinedOn', { joinedOn: '2025-06-02' }],
    ['union-unknown', 'unionId', { union: 'unknown' }],
    ['union-not-live', 'unionId', { union: 'pending' }],
    ['union-dissolved', 'unionId', { union: 'dissolved' }],
  ])('is refused: %s (%s)', (code, field, fault) => {
    given([])
      .when({ ...enrol, ...fault })
      .thenRefused(code, field);
  });

  it('takes the longest name and the day itself', () => {
    given([])
      .when({ ...enrol, name: '长'.repeat(60), joinedOn: today })
      .then([
        { ...enrolled, data: { ...enrolled.data, name: '长'.repeat(60), joinedOn: today } },
      ] as MemberEvent[]);
  });

  it('never takes an id a second time, even after leaving', () => {
    given([enrolled]).when(enrol).thenRefused('id-taken', 'memberId');
    given([enrolled, left]).when(enrol).thenRefused('id-taken', 'memberId');
  });

  it('says nothing personal in a refusal', () => {
    const fault = memberDecider.decide(
      { ...enrol, citizenNumber: withWrongCheckDigit(zhao.citizenNumber) },
      memberDecider.initialState,
    );
    expect(JSON.stringify(fault)).not.toContain(zhao.citizenNumber.slice(6, 14));
  });
});

describe('correcting (更正)', () => {
  const corrected = (changes: object): MemberEvent => {
    const { joinedOn: _, synthetic: __, ...particulars } = enrolled.data as MemberState;
    return {
      type: 'MemberCorrected',
      data: { ...particulars, reason: '录入有误', ...changes },
    };
  };

  it('carries all particulars as they are now; an empty field stays', () => {
    given([enrolled])
      .when({ ...correct, name: '赵六' })
      .then([corrected({ name: '赵六' })]);
    given([enrolled, transferred])
      .when({ ...correct, mobile: qian.mobile })
      .then([corrected({ unionId: 'u2', mobile: qian.mobile })]);
  });

  it('derives gender and birth date anew from another number', () => {
    given([enrolled])
      .when({ ...correct, citizenNumber: qian.citizenNumber, citizenNumberIndex: 'index-2' })
      .then([
        corrected({
          citizenNumber: qian.citizenNumber,
          citizenNumberIndex: 'index-2',
          gender: qian.gender === 'male' ? Gender.GENDER_MALE : Gender.GENDER_FEMALE,
          birthDate: qian.birthDate,
        }),
      ]);
  });

  it('changes nothing where everything is so already', () => {
    given([enrolled]).when(correct).thenNothing();
    given([enrolled])
      .when({
        ...correct,
        name: zhao.name,
        citizenNumber: zhao.citizenNumber,
        citizenNumberIndex: 'index-1',
      })
      .thenNothing();
  });

  it('keeps what earlier corrections changed', () => {
    given([enrolled, corrected({ name: '赵六' })])
      .when({ ...correct, mobile: qian.mobile })
      .then([corrected({ name: '赵六', mobile: qian.mobile })]);
  });

  it('is refused for what enrolling is refused for, for strangers and after leaving', () => {
    given([enrolled])
      .when({ ...correct, citizenNumber: '1' })
      .thenRefused('citizen-number-invalid-length', 'citizenNumber');
    given([enrolled])
      .when({ ...correct, mobile: '1' })
      .thenRefused('mobile-invalid', 'mobile');
    given([]).when(correct).thenRefused('member-unknown', 'memberId');
    given([enrolled, left]).when(correct).thenRefused('member-not-live', 'memberId');
  });
});

describe('transferring (转会)', () => {
  it('moves the membership', () => {
    given([enrolled]).when(transfer).then([transferred]);
  });

  it('changes nothing where the member is in that union', () => {
    given([enrolled, transferred]).when(transfer).thenNothing();
  });

  it('is refused to a union that takes no members, for strangers and after leaving', () => {
    const to = (toUnion: TransferMember['toUnion']) =>
      given([enrolled]).when({ ...transfer, toUnion });
    to('unknown').thenRefused('union-unknown', 'toUnionId');
    to('pending').thenRefused('union-not-live', 'toUnionId');
    to('dissolved').thenRefused('union-dissolved', 'toUnionId');
    given([]).when(transfer).thenRefused('member-unknown', 'memberId');
    given([enrolled, left]).when(transfer).thenRefused('member-not-live', 'memberId');
  });
});

describe('carrying over from a dissolved union (原工会撤销)', () => {
  const carryOver: MemberCommand = {
    type: 'CarryOverMember',
    fromUnionId: 'u1',
    toUnionId: 'u9',
    reason: '原工会撤销',
  };

  it('moves who is still there', () => {
    given([enrolled])
      .when(carryOver)
      .then([
        {
          type: 'MemberTransferred',
          data: { memberId: 'm1', fromUnionId: 'u1', toUnionId: 'u9', reason: '原工会撤销' },
        },
      ]);
  });

  it('leaves alone who has gone elsewhere or left', () => {
    given([enrolled, transferred]).when(carryOver).thenNothing();
    given([enrolled, left]).when(carryOver).thenNothing();
  });
});

describe('leaving (退会)', () => {
  it('ends the membership in the union where it is now', () => {
    const leave: MemberCommand = { type: 'LeaveUnion', reason: '本人申请' };
    given([enrolled]).when(leave).then([left]);
    given([enrolled, transferred])
      .when(leave)
      .then([{ ...left, data: { ...left.data, unionId: 'u2' } } as MemberEvent]);
    given([enrolled, left]).when(leave).thenNothing();
    given([]).when(leave).thenRefused('member-unknown', 'memberId');
  });
});

describe('whatever the history', () => {
  const unionIds = fc.constantFrom('u1', 'u2', 'u3');
  const standings = fc.constantFrom('active', 'active', 'active', 'pending', 'dissolved' as const);
  const particulars = fc
    .record({
      name: fc.constantFrom('', ' 赵六 ', zhao.name, '长'.repeat(61)),
      person: fc.nat(3),
      given: fc.constantFrom('valid', 'valid', 'empty', 'wrong'),
      mobile: fc.constantFrom('', zhao.mobile, '１００ 0000 0001', '1'),
    })
    .map(({ name, person, given: number, mobile }) => {
      const { citizenNumber } = people.person(person);
      const entered =
        number === 'empty'
          ? ''
          : number === 'wrong'
            ? withWrongCheckDigit(citizenNumber)
            : citizenNumber;
      return { name, citizenNumber: entered, citizenNumberIndex: `index-${person}`, mobile, today };
    });
  const commands: fc.Arbitrary<MemberCommand> = fc.oneof(
    fc.record({ unionId: unionIds, union: standings, entered: particulars }).map(
      ({ unionId, union, entered }): MemberCommand => ({
        ...enrol,
        ...entered,
        unionId,
        union,
      }),
    ),
    particulars.map((entered): MemberCommand => ({ ...correct, ...entered })),
    fc
      .record({ toUnionId: unionIds, toUnion: standings })
      .map((to): MemberCommand => ({ ...transfer, ...to })),
    fc
      .record({ fromUnionId: unionIds, toUnionId: unionIds })
      .map((way): MemberCommand => ({ type: 'CarryOverMember', reason: '', ...way })),
    fc.constant<MemberCommand>({ type: 'LeaveUnion', reason: '' }),
  );

  it('the same command again does nothing or is refused', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 12 }), commands, (history, command) => {
        const state = [enrol, ...history].reduce(obeyed, memberDecider.initialState);
        const again = memberDecider.decide(command, obeyed(state, command));
        expect(isRefusal(again) || again.length === 0).toBe(true);
      }),
    );
  });

  it('gender and birth date are those of the number, and who has left is never changed', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 20 }), (history) => {
        let state = memberDecider.initialState;
        for (const command of history) {
          const before = state;
          state = obeyed(state, command);
          if (before.status === 'left') expect(state).toBe(before);
        }
        if (state.status === 'absent') return;
        const parsed = parseCitizenNumber(state.citizenNumber);
        expect(parsed).toMatchObject({ ok: true, birthDate: state.birthDate });
        expect(parsed.ok && `GENDER_${parsed.gender.toUpperCase()}`).toBe(state.gender);
      }),
    );
  });
});

function obeyed(state: MemberState, command: MemberCommand): MemberState {
  const decision = memberDecider.decide(command, state);
  return isRefusal(decision) ? state : decision.reduce(memberDecider.evolve, state);
}

function withWrongCheckDigit(citizenNumber: string): string {
  return citizenNumber.slice(0, 17) + (citizenNumber.endsWith('1') ? '2' : '1');
}
