import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The verifier is plain JavaScript that anybody may copy, so its types stand here and not beside it. */
export interface Verified {
  readonly result: 'verified' | 'incomplete'
  readonly origin: string
  readonly size: number
  readonly root: string
  readonly witnesses: readonly { readonly name: string; readonly time: number }[]
  readonly kept: number
  readonly entries?: Readonly<Record<string, number>>
  readonly documents?: { readonly match: number; readonly elsewhere: number }
  readonly instruments?: number
  readonly missing: readonly string[]
  readonly gaps: readonly string[]
}

export interface VerifierFault extends Error {
  readonly result: 'tampered' | 'usage' | 'incomplete'
  readonly code: string
  readonly index: number | null
}

export interface VerifierKey {
  readonly name: string
  readonly id: string
  readonly type: number
}

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
  readonly quorum: boolean
}

export interface FolderQuestion {
  readonly policy?: string
  readonly against?: string
  readonly fast?: boolean
}

interface Verifier {
  verifyFolder(folder: string, question?: FolderQuestion): Promise<Verified>
  verifyProof(file: string, question?: { readonly policy?: string; readonly entry?: string }): Promise<Verified>
  parseVkey(text: string): VerifierKey
  parsePolicy(text: string): unknown
  openNote(bytes: Buffer, keys: readonly VerifierKey[]): { readonly body: string }
  openCheckpoint(bytes: Buffer, policy: unknown, file?: string, needed?: boolean): Checkpoint
  rootOf(hashes: Buffer): Buffer
  rootFromProof(hash: Buffer, index: number, size: number, proof: readonly Buffer[]): Buffer | null
  tileNumber(n: number): string
}

interface Says {
  verifyFeed(folder: string, question: { readonly root: string }): Promise<Verified & { readonly objects: number }>
  openEntry(bytes: Buffer, index: number, latest?: number): unknown
  openEnvelope(bytes: Buffer, keys: readonly VerifierKey[], threshold: number): { readonly payload: Buffer }
  parseJson(bytes: Buffer): unknown
}

const load = (file: string): Promise<unknown> => import(pathToFileURL(resolve(file)).href)
export const verifier = (await load('sluice-verify.mjs')) as Verifier
export const says = (await load('sluice-verify.mjs')) as Says

/** What a check threw; fails the test where it threw nothing, or a bug. */
export async function faultOf(work: () => unknown): Promise<VerifierFault> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Error && 'result' in error) return error as VerifierFault
    throw error
  }
  throw new Error('verified, where a fault was expected')
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export function run(program: string, args: readonly string[], cwd?: string): Promise<Ran> {
  const child = spawn(program, args, { ...(cwd === undefined ? {} : { cwd }), stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

export const sluiceVerify = (...args: readonly string[]): Promise<Ran> =>
  run(process.execPath, ['sluice-verify.mjs', ...args])
