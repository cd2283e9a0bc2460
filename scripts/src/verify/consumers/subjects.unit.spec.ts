import { describe, expect, it } from 'vitest';
import { consumingOwners } from './subjects.ts';

describe('The consumers of the platform', () => {
  it('are those that the services and the gateway run', () => {
    const names = consumingOwners().map(({ name, projections, reactions }) => [
      name,
      projections.map((projection) => projection.name),
      reactions.map((reaction) => reaction.name),
    ]);
    expect(names).toEqual([
      [
        'organizations',
        ['approved-changes', 'children', 'due-term-warnings', 'offers'],
        [
          'dissolved-parties',
          'organizations-officers',
          'grid-succession',
          'grid-cadres',
          'resource-succession',
        ],
      ],
      ['members', ['rosters'], ['succession']],
      ['welfare', ['welfare-held-data'], ['welfare-succession']],
      ['notifications', [], ['notifications-inbox']],
      ['gateway', ['federation', 'inbox'], []],
    ]);
  });
});
