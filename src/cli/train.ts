import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { openLearnerThreads } from '../io/model/learner-threads.ts'
import { modelBytes } from '../io/model/load-classifier.ts'
import { readRows, readSplit } from '../io/model/read-rows.ts'
import { assertWritable, writeOut } from '../io/out-file.ts'
import { withinCaps } from '../jobs/reviewed-rows.ts'
import { DEFAULT_SETTINGS, train } from '../jobs/train.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import { EMBEDDED_MODEL, PACKAGE_ROOT } from './embedded.ts'
import { learnedBeside } from './own-data.ts'

export const takes: Takes = {
  command: 'train',
  flags: ['json', 'leave-out'],
  values: ['data', 'own', 'reviewed', 'out', 'seed'],
}

/** The project's own data. */
const OWN = join(PACKAGE_ROOT, 'data')
/** Each holds some columns of a million weights; more of them would wait for memory, and for the one that reads. */
const MOST_THREADS = 4

/**
 * `sluice train --data DIR [--own DIR|none] [--reviewed FILE] [--leave-out] [--out FILE] [--seed N]`: makes the model
 * file; same data and seed, same bytes. Labels of people here are learned from within the caps of the review export.
 */
export const run: Command = async (args, terminal) => {
  const { options } = parseFlags(args, takes)
  const data = options.get('data')
  const seed = Number(options.get('seed') ?? DEFAULT_SETTINGS.seed)
  if (data === undefined || !Number.isInteger(seed) || seed < 1) {
    terminal.stderr('sluice train: wanted --data DIR, and --seed a whole number of at least 1\n')
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    const out = options.get('out') ?? EMBEDDED_MODEL
    assertWritable(out)
    const reviewed = options.get('reviewed')
    const labelled = await readSplit(data, 'train')
    const own = options.get('own') ?? OWN
    const all = [
      ...labelled,
      ...(reviewed === undefined
        ? []
        : (await readRows(reviewed)).filter(({ provenance }) => provenance !== undefined)),
      ...(own === 'none' ? [] : await learnedBeside(labelled, own)),
    ]
    const { rows, excess, reviewed: learned } = withinCaps(all)
    for (const { kind, name, category, rows: given, kept } of excess)
      terminal.stderr(`${kind} ${name}: ${given} labelled rows in ${category}, at most ${kept} may be learned from\n`)
    if (excess.length > 0 && !options.has('leave-out')) {
      terminal.stderr('nothing was trained: look into these labels, or learn from the rest with --leave-out\n')
      return EXIT.negative
    }
    const startedMs = performance.now()
    let saidMs = 0
    const progress = (share: number, what: string) => {
      const now = performance.now()
      if (now - saidMs < 500 && share < 1) return
      saidMs = now
      const leftS = share > 0 ? ((now - startedMs) / 1000) * (1 / share - 1) : Number.NaN
      terminal.stderr(
        `\r${(share * 100).toFixed(0).padStart(3)} %  ${what.padEnd(32)} ${Number.isFinite(leftS) ? `${leftS.toFixed(0)} s left` : ''}   `,
      )
    }
    const threads = openLearnerThreads(Math.min(MOST_THREADS, availableParallelism()))
    const { model, samples } = await train(rows, { ...DEFAULT_SETTINGS, seed }, progress, threads.open).finally(
      threads.close,
    )
    const bytes = modelBytes(model)
    writeOut(out, bytes)
    const seconds = (performance.now() - startedMs) / 1000
    const facts = {
      out,
      bytes: bytes.length,
      rows: rows.length,
      reviewed: learned,
      samples,
      seed,
      seconds: Math.round(seconds),
      thresholds: model.thresholds,
    }
    terminal.stderr('\r')
    terminal.stdout(
      options.has('json')
        ? `${JSON.stringify(facts)}\n`
        : `${out}: ${(bytes.length / 1e6).toFixed(1)} MB from ${rows.length} rows (${samples} texts learned) in ${seconds.toFixed(0)} s\n`,
    )
    return EXIT.done
  })
}
