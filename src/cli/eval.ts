import { loadClassifier } from '../io/model/load-classifier.ts'
import { readRows, readSplit } from '../io/model/read-rows.ts'
import { calibrationError, type Measured, overRefusal, type Slice, scoreRows, slicesOf } from '../jobs/evaluate.ts'
import { reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, table } from './command.ts'
import { EMBEDDED_MODEL } from './embedded.ts'

/** `sluice eval --data DIR | --file FILE`: quality with exact intervals, whole and by slice. */
export const run: Command = async (args, terminal) => {
  const { options } = parseFlags(args, ['json'])
  const [data, file] = [options.get('data'), options.get('file')]
  if ((data === undefined) === (file === undefined)) {
    terminal.stderr('sluice eval: wanted --data DIR (its dev split) or --file FILE (JSON lines, gzipped or not)\n')
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    const classifier = await loadClassifier(options.get('model') ?? EMBEDDED_MODEL)
    const rows = data !== undefined ? await readSplit(data, 'dev') : await readRows(file!)
    const sets = (['prompt', 'exchange'] as const).flatMap((target) => {
      const own = rows.filter((row) => row.target === target)
      if (own.length === 0) return []
      const scored = scoreRows(own, classifier)
      const { clear, act } = target === 'prompt' ? classifier.thresholds.harmInput : classifier.thresholds.exchange
      const over = { flagged: overRefusal(scored, clear / 1e6), acted: overRefusal(scored, act / 1e6) }
      return [{ target, slices: slicesOf(scored), calibrationError: calibrationError(scored), ...over }]
    })
    if (options.has('json')) terminal.stdout(`${JSON.stringify({ model: classifier.modelHash, sets })}\n`)
    else for (const set of sets) terminal.stdout(render(set))
    return EXIT.done
  })
}

function render(set: {
  target: string
  slices: readonly Slice[]
  calibrationError: number
  flagged: ReturnType<typeof overRefusal>
  acted: ReturnType<typeof overRefusal>
}): string {
  const head = ['slice', 'harmful', 'harmless', 'AUC', 'recall at 1 % FPR', 'recall at 0.1 % FPR']
  const rows = set.slices.map(({ name, harmful, harmless, auc, recallAt1, recallAt01 }) => [
    name,
    String(harmful),
    String(harmless),
    auc === null ? '–' : auc.toFixed(4),
    share(recallAt1),
    share(recallAt01),
  ])
  const over = (name: string, list: ReturnType<typeof overRefusal>) =>
    list.map(({ label, acted }) => `${label}, ${name}: ${share(acted)} (${acted.k} of ${acted.n})\n`).join('')
  return `\n${set.target}\n${table([head, ...rows])}\nexpected calibration error ${set.calibrationError.toFixed(4)}\n${over('at or above clear', set.flagged)}${over('at or above act', set.acted)}`
}

function share(value: Measured | null): string {
  return value === null
    ? '–'
    : `${value.share.toFixed(3)} (${value.lo.toFixed(3)} to ${value.hi.toFixed(3)}, n ${value.n})`
}
