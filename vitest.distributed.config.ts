import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The tests that need real Kafka, MongoDB and Redis; npm run test:distributed tells them where those are. */
export default defineConfig({
  test: {
    include: [
      '{libs,services}/*/src/**/*.dist.spec.ts',
      '{gateway,scripts}/src/**/*.dist.spec.ts',
      // They open the platform that the environment names, and so run in both profiles.
      'services/organizations/src/**/*.int.spec.ts',
    ],
    env: { UNIONFOLD_TEST_PROFILE: 'distributed' },
    globalSetup: ['scripts/src/infra/distributed-test-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // They wait for disks and rebalances more than they compute, but the servers need the processors, too.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    // kafkajs 2.2.4 computes a negative delay once per connection; Node mends it and would warn in every file.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
