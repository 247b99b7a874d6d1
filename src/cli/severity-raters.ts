import { createReadStream } from 'node:fs'
import {
  LEAST_ALPHA,
  LEAST_RATERS,
  LEAST_WRITE_UPS,
  type RaterStudy,
  RatersError,
  type RaterVector,
  raterStudy,
} from '../core/jailbreaks/severity/raters.ts'
import { severityWords } from '../core/jailbreaks/severity/words.ts'
import { csvRecords } from '../io/data/csv.ts'
import { readFault } from '../io/file-fault.ts'
import { EXIT, type Terminal, table } from './command.ts'

const COLUMNS = ['rater', 'write_up', 'vector'] as const

/** `sluice severity raters FILE.csv`: Krippendorff's α per metric. Exit 1 when a wording must change, 4 when too few rated. */
export async function raters(files: readonly string[], json: boolean, terminal: Terminal): Promise<number> {
  const [file, ...more] = files
  if (file === undefined || more.length > 0) {
    terminal.stderr(`sluice severity raters: name one CSV file with the columns ${COLUMNS.join(', ')}\n`)
    return EXIT.usage
  }
  let study: RaterStudy
  try {
    study = raterStudy(await ratingsOf(file))
  } catch (error) {
    const said = error instanceof RatersError || error instanceof SyntaxError
    const { code, message } = error as NodeJS.ErrnoException
    if (!said && code === undefined) throw error
    const next = `name a CSV file with the columns ${COLUMNS.join(', ')}`
    terminal.stderr(`sluice severity raters: ${file}: ${said ? message : `${readFault(code!)}; ${next}`}\n`)
    return EXIT.usage
  }
  terminal.stdout(json ? `${JSON.stringify({ ...study, leastAlpha: LEAST_ALPHA })}\n` : text(study))
  if (study.metrics.some(({ outcome }) => outcome === 'rewrite')) return EXIT.negative
  return study.metrics.every(({ outcome }) => outcome === 'INCONCLUSIVE') ? EXIT.inconclusive : EXIT.done
}

async function ratingsOf(file: string): Promise<readonly RaterVector[]> {
  let places: readonly number[] | null = null
  const ratings: RaterVector[] = []
  for await (const { fields, line } of csvRecords(createReadStream(file, 'utf8'))) {
    if (places === null) {
      places = COLUMNS.map((name) => fields.indexOf(name))
      const absent = COLUMNS.filter((_, i) => places![i]! < 0)
      if (absent.length > 0)
        throw new RatersError('ratings_invalid', `no column ${absent.join(', ')} in the first line`)
      continue
    }
    const [rater, writeUp, vector] = places.map((place) => fields[place]?.trim() ?? '') as [string, string, string]
    if (rater === '' || writeUp === '')
      throw new RatersError('ratings_invalid', `line ${line}: rater or write_up is empty`)
    ratings.push({ rater, writeUp, vector })
  }
  return ratings
}

function text({ raters: people, writeUps, metrics }: RaterStudy): string {
  const rows = metrics.map(({ metric, alpha, units, ratings, outcome }) => [
    metric,
    severityWords('en', `metric.${metric}`),
    alpha === null ? '–' : alpha.toFixed(3),
    String(units),
    String(ratings),
    outcome === 'rewrite' ? `below ${LEAST_ALPHA}: rewrite the wording of ${metric}` : outcome,
  ])
  const few =
    people < LEAST_RATERS || writeUps < LEAST_WRITE_UPS
      ? `INCONCLUSIVE: a study takes at least ${LEAST_RATERS} raters and ${LEAST_WRITE_UPS} write-ups.\n`
      : ''
  return `${people} raters, ${writeUps} write-ups\n${table([['', 'metric', 'alpha', 'n write-ups', 'n ratings', 'outcome'], ...rows])}${few}`
}
