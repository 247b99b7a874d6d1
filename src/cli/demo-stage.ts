import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, OutFileError, writeOut } from '../io/out-file.ts'
import type { Terminal } from './command.ts'
import type { SluiceFacts } from './start-sluice.ts'

/** Tells one story. @returns its exit code. */
export type Story = (options: ReadonlyMap<string, string>, terminal: Terminal) => Promise<number>

/** One party of a story: a data folder of its own, and the program as anybody runs it. */
export interface Party {
  readonly name: string
  readonly folder: string
  /** Runs a command to its end. @throws {Error} it did not end with one of the exit codes that are wanted. */
  run(args: readonly string[], wanted?: readonly number[]): Promise<string>
  /** The same with `--json`, parsed. */
  ask<T>(args: readonly string[], wanted?: readonly number[]): Promise<T>
}

/** A party that runs an instance: its commands go there. */
export interface Host extends Party {
  readonly facts: SluiceFacts
  stop(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

const NODE_FLAGS = ['--disable-warning=ExperimentalWarning']
/** The program that plays the story. */
const MAIN = process.argv[1]!

/** Settings of whoever plays the story must not reach its parties. */
function environmentOf(folder: string, more: Environment): NodeJS.ProcessEnv {
  const { DATABASE_URL: _d, ANTHROPIC_UPSTREAM_URL: _a, OPENAI_UPSTREAM_URL: _o, ...inherited } = process.env
  return { ...inherited, SLUICE_DATA: folder, SLUICE_PORT: '0', SLUICE_ADMIN_PORT: '0', SLUICE_CONFIG: '', ...more }
}

export function openParty(name: string, folder: string, more: Environment = {}, admin: string | null = null): Party {
  mkdirSync(folder, { recursive: true })
  const run = async (args: readonly string[], wanted: readonly number[] = [0]) => {
    const all = admin === null || args[0] === 'feed' || args[0] === 'reproduce' ? args : [...args, '--admin', admin]
    const { code, stdout, stderr } = await ended([...NODE_FLAGS, MAIN, ...all], environmentOf(folder, more))
    if (!wanted.includes(code)) throw new Error(`${name}: sluice ${args.join(' ')} ended with ${code}\n${stderr}`)
    return stdout
  }
  return {
    name,
    folder,
    run,
    ask: async <T>(args: readonly string[], wanted?: readonly number[]) =>
      JSON.parse(await run([...args, '--json'], wanted)) as T,
  }
}

/** Starts the instance of a party. */
export async function startHost(name: string, folder: string, more: Environment): Promise<Host> {
  mkdirSync(folder, { recursive: true })
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, 'serve', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(folder, more),
  })
  const facts = await factsOf(child)
  const party = openParty(name, folder, more, facts.consoleUrl.replace('localhost', '127.0.0.1'))
  return {
    ...party,
    facts,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** Runs any Node program. */
export function ended(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })))
}

/** What the instance says when it listens. @throws {Error} it ended before. */
function factsOf(child: ChildProcess): Promise<SluiceFacts> {
  let [out, log] = ['', '']
  child.stderr!.on('data', (chunk: Buffer) => (log += chunk.toString()))
  return new Promise((resolve, reject) => {
    const early = (code: number | null) => reject(new Error(`an instance ended with ${code}:\n${log}`))
    child.once('exit', early)
    child.stdout!.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (!out.includes('\n')) return
      child.off('exit', early)
      resolve(JSON.parse(out.slice(0, out.indexOf('\n'))) as SluiceFacts)
    })
  })
}

/** By this file a folder is known as one that a demo made, and may empty. */
const MARK = '.sluice-demo'

/**
 * An empty folder in the place of what an earlier run left.
 * @throws {OutFileError} something else lies there: it is somebody's, and stays.
 */
export function freshFolder(folder: string): string {
  makeFolder(folder)
  if (readdirSync(folder).length > 0 && !existsSync(join(folder, MARK)))
    throw new OutFileError(
      'file_unwritable',
      `${folder} holds files that no demo made; name an empty or a new folder with --out`,
    )
  rmSync(folder, { recursive: true, force: true })
  makeFolder(folder)
  writeOut(join(folder, MARK), '')
  return folder
}
