import { defineConfig } from 'vitest/config'

/** Files that say something about time: nothing else runs beside them. */
const BY_THE_CLOCK = [
  ...['crash', 'detectors', 'guard', 'load', 'release-guards', 'reload', 'resilience', 'workers'],
  ...['security-bodies', 'security-connections', 'security-kept', 'security-layers', 'security-tenants'],
].map((name) => `test/${name}.test.ts`)

const whole = { testTimeout: 120_000, hookTimeout: 120_000 }

/** `unit` needs no service and no network; the others start the program, PostgreSQL and Chromium. One group after the other. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...{ name: 'unit', include: ['src/**/*.test.ts', 'tools/**/*.test.ts'], testTimeout: 20_000 },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...{ name: 'whole', include: ['test/**/*.test.ts'], exclude: BY_THE_CLOCK, ...whole },
          ...{ maxWorkers: 2, sequence: { groupOrder: 1 } },
        },
      },
      {
        test: {
          ...{ name: 'alone', include: BY_THE_CLOCK, ...whole },
          ...{ fileParallelism: false, sequence: { groupOrder: 2 } },
        },
      },
    ],
  },
})
