import { join } from 'node:path'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const CLIENT = /^(openai|ai|@anthropic-ai\/sdk|@ai-sdk\/[\w-]+|@langchain\/[\w-]+)(\/|$)/
/** Where other versions of the official clients are installed: see tools/clients.ts. */
const clients = process.env.SLUICE_TEST_CLIENTS

/** The clients' packages as if the tests stood in `folder`. */
function clientsOf(folder: string): Plugin {
  return {
    name: 'clients',
    enforce: 'pre',
    async resolveId(source, _importer, options) {
      if (!CLIENT.test(source)) return null
      // Resolved as if that file, which is there, had said it.
      const found = await this.resolve(source, join(folder, 'package.json'), { ...options, skipSelf: true })
      if (found === null) throw new Error(`there is no ${source} in ${folder}`)
      return found
    },
  }
}

/** Files that say something about time, also by a gate on what a safeguard costs: nothing else runs beside them. */
const BY_THE_CLOCK = [
  ...['collateral', 'crash', 'demo', 'detectors', 'load', 'release-guards', 'resilience'],
  ...['reload', 'security-bodies', 'security-layers', 'security-tenants'],
].map((name) => `test/${name}.test.ts`)

const whole = { testTimeout: 120_000, hookTimeout: 120_000 }

/** `unit` needs no service and no network; the others start the program, PostgreSQL and Chromium. One group after the other. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...{ name: 'unit', include: ['src/**/*.test.ts', 'tools/**/*.test.ts'], testTimeout: 20_000 },
          ...{ maxWorkers: 2, sequence: { groupOrder: 0 } },
        },
      },
      {
        plugins: clients === undefined ? [] : [clientsOf(clients)],
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
