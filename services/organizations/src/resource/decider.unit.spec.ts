import { equal } from 'node:assert/strict';
import { type EventOf, ResourceAudience, ResourceKind, UnionType } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { resourceDecider } from './decider.ts';
import type { CorrectResource, OfferResource, ResourceEvent } from './resource.ts';
import { settledTerms } from './terms-policy.ts';

const { given } = specificationFor(resourceDecider);
const { RESOURCE_AUDIENCE_SUBTREE: subtree, RESOURCE_AUDIENCE_LEVEL: level } = ResourceAudience;
const calendar = {
  hours: [{ weekday: 1, opensAt: '09:00', closesAt: '17:00' }],
  closedOn: ['2026-10-01'],
  slotMinutes: 60,
};
const offer: OfferResource = {
  type: 'OfferResource',
  resourceId: 'hall',
  ownerUnionId: 'qd',
  kind: ResourceKind.RESOURCE_KIND_VENUE,
  name: ' 报告厅 ',
  description: '',
  audience: subtree,
  ownerLive: true,
};
const terms = settledTerms(undefined);
const { type: _, ownerLive: __, ...facts } = offer;
const offered: EventOf<'ResourceOffered'> = {
  type: 'ResourceOffered',
  data: { ...facts, name: '报告厅', terms },
};
const ofOld: ResourceEvent = { type: 'ResourceOffered', data: { ...facts, name: '报告厅' } };
const withdrawn: ResourceEvent = {
  type: 'ResourceWithdrawn',
  data: { resourceId: 'hall', ownerUnionId: 'qd', reason: '' },
};
const correct = (change: Partial<CorrectResource>): CorrectResource => ({
  type: 'CorrectResource',
  resourceId: 'hall',
  ownerUnionId: 'qd',
  reason: '',
  bookedByDays: false,
  ...change,
});
const corrected = (change: object, audience = subtree): ResourceEvent => ({
  type: 'ResourceCorrected',
  data: {
    resourceId: 'hall',
    ownerUnionId: 'qd',
    name: '报告厅',
    description: '',
    audience,
    terms: { ...terms, ...change },
    reason: '',
  },
});

describe('Offering a resource', () => {
  it('fills in what the owner leaves open', () => {
    given([]).when(offer).then([offered]);
  });

  it.each([
    ['capacity', { capacity: -1 }, 'field-out-of-range'],
    ['capacity', { capacity: 20_000 }, 'field-out-of-range'],
    ['bookableDays', { bookableDays: 367 }, 'field-out-of-range'],
    ['regionCode', { regionCode: '999999' }, 'region-code-unknown'],
    [
      'eligibility',
      { eligibility: { unions: false, workers: false, unionTypes: [] } },
      'resource-eligibility-empty',
    ],
    ['calendar.slotMinutes', { calendar: { ...calendar, slotMinutes: 4 } }, 'field-out-of-range'],
    ['calendar.hours', { calendar: { ...calendar, hours: [] } }, 'resource-calendar-invalid'],
    ['calendar.closedOn', { calendar: { ...calendar, closedOn: ['2026-02-30'] } }, 'date-invalid'],
  ] as const)('refuses wrong terms: %s', (field, change, code) => {
    given([])
      .when({ ...offer, terms: { ...terms, ...change } as never })
      .thenRefused(code, field);
  });

  it.each([
    ['of no day of the week', [{ weekday: 8, opensAt: '09:00', closesAt: '17:00' }]],
    ['that are no times', [{ weekday: 1, opensAt: 'nine', closesAt: '17:00' }]],
    ['that end before they begin', [{ weekday: 1, opensAt: '17:00', closesAt: '09:00' }]],
    ['too short for a slot', [{ weekday: 1, opensAt: '09:00', closesAt: '09:59' }]],
    [
      'that overlap',
      [
        { weekday: 1, opensAt: '09:00', closesAt: '12:00' },
        { weekday: 1, opensAt: '11:00', closesAt: '13:00' },
      ],
    ],
  ])('refuses opening hours %s', (_what, hours) => {
    given([])
      .when({ ...offer, terms: { ...terms, calendar: { ...calendar, hours } } })
      .thenRefused('resource-calendar-invalid');
  });

  it('to one level names it', () => {
    given([])
      .when({ ...offer, audience: level })
      .thenRefused('resource-level-missing');
  });

  it('needs a live owner, a name, a kind and an audience', () => {
    given([])
      .when({ ...offer, ownerLive: false })
      .thenRefused('union-not-live');
    given([])
      .when({ ...offer, name: ' ' })
      .thenRefused('name-missing');
    given([])
      .when({ ...offer, name: '馆'.repeat(121) })
      .thenRefused('name-too-long');
    const noKind = ResourceKind.RESOURCE_KIND_UNSPECIFIED;
    given([])
      .when({ ...offer, kind: noKind })
      .thenRefused('resource-kind-missing');
    const nobody = ResourceAudience.RESOURCE_AUDIENCE_UNSPECIFIED;
    given([])
      .when({ ...offer, audience: nobody })
      .thenRefused('resource-audience-missing');
    given([offered]).when(offer).thenRefused('id-taken');
  });
});

describe('Changing a resource', () => {
  it('changes what is said and keeps the rest, also of an offer of before there were terms', () => {
    given([offered])
      .when(correct({ capacity: 3 }))
      .then([corrected({ capacity: 3 })]);
    given([ofOld])
      .when(correct({ calendar }))
      .then([corrected({ calendar })]);
    given([offered])
      .when(correct({ audience: level, levelUnionType: UnionType.UNION_TYPE_COUNTY }))
      .then([corrected({ levelUnionType: UnionType.UNION_TYPE_COUNTY }, level)]);
    given([offered, corrected({ capacity: 3 })])
      .when(correct({ capacity: 3 }))
      .thenNothing();
  });

  it('is the owner’s, and of what is still offered', () => {
    given([offered])
      .when(correct({ ownerUnionId: 'wf' }))
      .thenRefused('resource-unknown');
    given([offered, withdrawn])
      .when(correct({ capacity: 2 }))
      .thenRefused('resource-withdrawn');
  });

  it('gives no calendar while whole days are booked, but another one always', () => {
    const change = correct({ calendar, bookedByDays: true });
    given([offered]).when(change).thenRefused('resource-booked-by-days', 'calendar');
    const longer = { ...calendar, slotMinutes: 120 };
    given([offered, corrected({ calendar })])
      .when(correct({ calendar: longer, bookedByDays: true }))
      .then([corrected({ calendar: longer })]);
  });
});

describe('Handing a resource over', () => {
  const handOver = {
    type: 'HandOverResource',
    resourceId: 'hall',
    toUnionId: 'works',
    reason: 'union-dissolved',
  } as const;
  const handedOver: EventOf<'ResourceHandedOver'> = {
    type: 'ResourceHandedOver',
    data: {
      resourceId: 'hall',
      fromUnionId: 'qd',
      toUnionId: 'works',
      reason: 'union-dissolved',
    },
  };

  it('makes the successor its owner, once', () => {
    given([offered]).when(handOver).then([handedOver]);
    given([offered, handedOver]).when(handOver).thenNothing();
    given([offered, handedOver])
      .when(correct({ capacity: 2 }))
      .thenRefused('resource-unknown');
  });

  it('brings it back to the union that was dissolved, and then knows of no other', () => {
    const back = { ...handOver, toUnionId: 'qd', reason: 'union-restored' } as const;
    const came: ResourceEvent = {
      type: 'ResourceHandedOver',
      data: { ...handedOver.data, fromUnionId: 'works', toUnionId: 'qd', reason: 'union-restored' },
    };
    given([offered, handedOver]).when(back).then([came]);
    const after = [offered, handedOver].reduce(
      resourceDecider.evolve,
      resourceDecider.initialState,
    );
    equal(after.formerOwnerId, 'qd');
    equal(resourceDecider.evolve(after, came).formerOwnerId, '');
  });

  it('leaves what is withdrawn where it was', () => {
    given([offered, withdrawn]).when(handOver).thenNothing();
  });
});
