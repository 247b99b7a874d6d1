import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { EvalRow } from '../core/classifier/evaluation/row.ts'
import { readSet, readSetSplit } from '../io/evaluation/read-set.ts'
import { TargetError } from '../io/evaluation/target.ts'
import { readSeeds } from '../io/model/read-seeds.ts'
import { assertWritable, writeOut } from '../io/out-file.ts'
import type { Bar } from '../jobs/evaluation/bar.ts'
import { evaluateSet, MEASURES, type Measure } from '../jobs/evaluation/evaluate-set.ts'
import { htmlPage } from '../jobs/evaluation/html/page.ts'
import { ownSuites, suiteOf } from '../jobs/evaluation/own-suites.ts'
import { nothingText } from '../jobs/evaluation/phrases.ts'
import { terminalText } from '../jobs/evaluation/terminal.ts'
import { LANGUAGES, type Words, wordsOf } from '../jobs/evaluation/words.ts'
import type { Seeds } from '../jobs/training-ports.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes, type Terminal, table } from './command.ts'
import { PACKAGE_ROOT } from './embedded.ts'
import { openTarget, wholeOf } from './eval-target.ts'
import { UNSEEN_SUITES, type UnseenSuite, unseenData } from './own-data.ts'

export const takes: Takes = {
  command: 'eval',
  flags: ['json', 'bars'],
  values: [
    'file',
    'data',
    'suite',
    'target',
    'template',
    'model',
    'judge-model',
    'key-env',
    'concurrency',
    'timeout',
    'n',
    'measures',
    'against',
    'sample',
    'max-chars',
    'html',
    'lang',
  ],
}

const OWN_SUITES = ['own', ...UNSEEN_SUITES].join(', ')

/**
 * `sluice eval`: a target measured on a set, with exact intervals. Exit code 0 when it was measured, 3 when it gave no
 * verdict at all; with `--bars` 1 when a published bar is missed, and 4 when none is missed but the set is too small for
 * one.
 */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [unknown] = rest
  const lang = LANGUAGES.find((one) => one === (options.get('lang') ?? 'en'))
  const measures = measuresOf(options)
  const wanted = wantedOf(options, unknown, lang, measures)
  if (wanted !== null || lang === undefined || measures === null) {
    terminal.stderr(`sluice eval: ${wanted}\n`)
    return EXIT.usage
  }
  const words = wordsOf(lang)
  const html = options.get('html')
  return reporting(terminal, async () => {
    if (html !== undefined) assertWritable(html)
    const { set, rows: all } = await rowsOf(options, words)
    if (all.length === 0 && options.get('suite') === 'own') {
      terminal.stderr('sluice eval: no own suites in data/pairs or data/regression; name a set with --file or --data\n')
      return EXIT.unavailable
    }
    const target = await openTarget(options, process.env)
    try {
      const judged = target.judgesExchanges ? all : all.filter((row) => row.target === 'prompt')
      if (judged.length < all.length)
        terminal.stderr(`${target.name} judges prompts alone: ${all.length - judged.length} exchanges left out\n`)
      const rows = options.has('n') ? judged.slice(0, wholeOf(options, 'n', 1, 10_000_000)) : judged
      if (rows.length === 0)
        throw new TargetError('target_unknown', `${set} holds no rows that ${target.name} can judge`)
      const against = options.get('against')
      const report = await evaluateSet(
        rows,
        target.judge,
        {
          target: target.name,
          model: target.model,
          set,
          measures,
          against: against === undefined ? null : await readAgainst(against),
          mostChars: wholeOf(options, 'max-chars', 200_000, 10_000_000),
          sample: wholeOf(options, 'sample', target.model === null ? 100 : 2000, 100_000),
          nowMs: () => performance.now(),
        },
        progressOn(terminal),
      )
      terminal.stderr('\r\u001b[K')
      if (html !== undefined) writeOut(html, htmlPage(report, words))
      terminal.stdout(options.has('json') ? `${JSON.stringify(report)}\n` : terminalText(report, words, table))
      if (html !== undefined && !options.has('json')) terminal.stdout(`\n${html}\n`)
      if (report.qualities.every(({ unavailable }) => unavailable.k === unavailable.n)) {
        terminal.stderr(`sluice eval: ${nothingText(report, words)}\n`)
        return EXIT.unavailable
      }
      return options.has('bars') ? exitOf(report.bars) : EXIT.done
    } finally {
      await target.close()
    }
  })
}

/** What is wrong with the arguments, or null. */
function wantedOf(
  options: ReadonlyMap<string, string>,
  unknown: string | undefined,
  lang: string | undefined,
  measures: ReadonlySet<Measure> | null,
): string | null {
  if (unknown !== undefined) return `takes no \`${unknown}\``
  const suite = options.get('suite')
  const [file, data] = [options.has('file'), options.has('data')]
  if (suite !== undefined && suite !== 'dev' && !isOwn(suite)) return `no suite \`${suite}\`; wanted dev, ${OWN_SUITES}`
  if (isOwn(suite) ? file || data : file === data || (file && suite !== undefined))
    return `wanted --data DIR (its dev split), --file FILE (JSON lines, gzipped or not), or --suite ${OWN_SUITES}`
  if (lang === undefined) return `--lang wants one of ${LANGUAGES.join(', ')}`
  if (measures === null) return `--measures wants some of ${MEASURES.join(',')}`
  return options.get('html') === '' ? '--html wants a file' : null
}

/**
 * Every measure for the embedded model; the rows alone for a target that each question costs something, and for own
 * suites, whose texts are made to be hard to tell apart.
 */
function measuresOf(options: ReadonlyMap<string, string>): ReadonlySet<Measure> | null {
  const given = options.get('measures')
  if (given === undefined) {
    const every = (options.get('target') ?? 'sluice') === 'sluice' && !isOwn(options.get('suite'))
    return new Set(every ? MEASURES : ['quality'])
  }
  const names = given.split(',')
  const known = MEASURES.filter((one) => names.includes(one))
  return known.length === names.length ? new Set(known) : null
}

async function rowsOf(
  options: ReadonlyMap<string, string>,
  words: Words,
): Promise<{ set: string; rows: readonly EvalRow[] }> {
  const [file, data] = [options.get('file'), options.get('data')]
  if (file !== undefined) return { set: basename(file), rows: await readSet(file) }
  if (data !== undefined)
    return { set: words('set.dev', { name: basename(data) }), rows: await readSetSplit(data, 'dev') }
  const suite = options.get('suite')
  if (isUnseen(suite))
    return { set: words(`set.${suite}`), rows: suiteOf((await unseenData(join(PACKAGE_ROOT, 'data')))[suite]) }
  const suites = await ownSuites(readOwn)
  return { set: suites.map(({ name }) => words(`set.${name}`)).join(' + '), rows: suites.flatMap(({ rows }) => rows) }
}

/** Whether a suite is the project's own, and ships with it. */
function isOwn(suite: string | undefined): boolean {
  return suite === 'own' || isUnseen(suite)
}

function isUnseen(suite: string | undefined): suite is UnseenSuite {
  return UNSEEN_SUITES.some((one) => one === suite)
}

/** The seeds of a folder, with the slots that all may use beside the pairs. @throws {SeedsError} */
async function readOwn(name: string): Promise<Seeds | null> {
  const folder = join(PACKAGE_ROOT, 'data', name)
  return existsSync(folder) ? readSeeds(folder, join(PACKAGE_ROOT, 'data', 'pairs', 'slots.yaml')) : null
}

/** A file, or the train split of a folder. */
async function readAgainst(path: string): Promise<readonly EvalRow[]> {
  return /\.jsonl(\.gz)?$/.test(path) ? readSet(path) : readSetSplit(path, 'train')
}

function exitOf(bars: readonly Bar[]): number {
  if (bars.some(({ result }) => result === 'fail')) return EXIT.negative
  return bars.some(({ result }) => result === 'inconclusive') ? EXIT.inconclusive : EXIT.done
}

/** At most two lines a second, and the last one of each step. */
function progressOn(terminal: Terminal): (what: string, done: number, all: number) => void {
  let saidMs = 0
  return (what, done, all) => {
    const now = performance.now()
    if (now - saidMs < 500) return
    saidMs = now
    terminal.stderr(`\r\u001b[K${what}: ${done} of ${all}`)
  }
}
