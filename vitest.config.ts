import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A test's suffix says its cost: .unit.spec (no I/O), .int.spec (files, sockets), .e2e.spec (the whole platform),
    // .dist.spec (real Kafka, MongoDB and Redis: npm run test:distributed).
    include: ['{libs,services}/*/src/**/*.spec.ts', '{gateway,scripts}/src/**/*.spec.ts'],
    exclude: [...configDefaults.exclude, '**/*.dist.spec.ts'],
    testTimeout: 30_000,
    pool: 'forks',
  },
});
