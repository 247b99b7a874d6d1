import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'rolldown'
import { isProgramBuilt, PROGRAM } from './sources.mjs'

const FOLDER = dirname(PROGRAM)
/** Left where they are: machine code of their own, and what is installed by whoever wants it. */
const EXTERNAL = [/^better-sqlite3/, /^@duckdb\//, /^@huggingface\//, /^pg-native$/]
const DAY_MS = 86_400_000

/**
 * The program in few files: a thousand small ones, stripped of their types in two threads, take twice the time to start
 * and 35 MB more. Nothing else changes: names, lines of an error and what is loaded when it is asked for stay.
 */
export async function buildProgram(): Promise<void> {
  if (isProgramBuilt()) return
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({
    input: { main: join(import.meta.dirname, '../src/main.ts') },
    platform: 'node',
    external: EXTERNAL,
    plugins: [besides()],
  })
  const made = `${FOLDER}.${process.pid}`
  const { output } = await bundle.write({
    dir: made,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  })
  await bundle.close()
  await mkdir(FOLDER, { recursive: true })
  // The entry last: whoever starts meanwhile finds a whole program, this one or the one before.
  const names = output
    .map(({ fileName }) => fileName)
    .sort((a, b) => Number(a === 'main.mjs') - Number(b === 'main.mjs'))
  for (const name of names) renameSync(join(made, name), join(FOLDER, name))
  rmSync(made, { recursive: true })
  // Who still runs the one before may ask for a part of it; not tomorrow.
  for (const name of readdirSync(FOLDER))
    if (!names.includes(name) && statSync(join(FOLDER, name)).mtimeMs < Date.now() - DAY_MS) rmSync(join(FOLDER, name))
}

/** Files that run in a thread or process of their own, named `new URL('./x.ts', import.meta.url)`: built as entries too. */
function besides(): Plugin {
  return {
    name: 'besides',
    transform: {
      filter: { code: /new URL\('\.\/[\w-]+\.(?:ts|mjs)', import\.meta\.url\)/ },
      handler(code, from) {
        return code.replace(
          /new URL\('\.\/([\w-]+)\.(ts|mjs)', import\.meta\.url\)/g,
          (_, name: string, kind: string) => {
            this.emitFile({ type: 'chunk', id: join(dirname(from), `${name}.${kind}`), fileName: `${name}.mjs` })
            return `new URL('./${name}.mjs', import.meta.url)`
          },
        )
      },
    },
  }
}

if (import.meta.main) await buildProgram()
