import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Node gives everybody graphql's CommonJS build. Vite would give our own files the ESM one: a second GraphQL, strange to the first.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Nothing of ours is global: files share what is loaded and compiled, which takes less than half the time.
    isolate: false,
    // Bounds for what hangs, not for what is slow: a busy machine is no fault.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
