import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A test's suffix says its cost: .unit.spec (no I/O), .int.spec (files, sockets), .e2e.spec (the whole platform).
    include: ['{libs,services}/*/src/**/*.spec.ts', '{gateway,scripts}/src/**/*.spec.ts'],
    testTimeout: 30_000,
    pool: 'forks',
  },
});
