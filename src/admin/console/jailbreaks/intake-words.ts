import { LEVELS } from '../../../core/jailbreaks/severity/levels.ts'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import type { PlainKey, Words } from '../words.tsx'

/** Members of a report by their paths, and the words over their fields; a place in a list is any place. */
const FIELDS: Readonly<Record<string, PlainKey>> = {
  summary: 'jb.field.summary',
  'summary.en': 'jb.new.summary.en',
  'summary.ja': 'jb.new.summary.ja',
  note: 'jb.new.note',
  technique: 'jb.new.technique',
  'technique.class': 'jb.new.technique',
  harm: 'jb.new.harm',
  affected: 'jb.field.affected',
  'affected.model': 'jb.field.affected',
  'affected.model.vendor': 'jb.new.vendor',
  'affected.model.name': 'jb.new.name',
  'affected.model.version': 'jb.new.version',
  'affected.safeguard.introduced': 'jb.new.safeguard',
  reporter: 'jb.field.reporter',
  'reporter.org': 'jb.new.org',
  'reporter.contact': 'jb.new.contact',
  vector: 'jb.new.vector',
  levels: 'jb.new.levels',
  'artefacts.sha256': 'jb.new.artefact',
  'artefacts.access': 'jb.new.access',
}

const FAULTS: Readonly<Record<string, PlainKey>> = {
  missing: 'jb.fault.missing',
  severity_word: 'jb.fault.severity_word',
  form: 'jb.fault.form',
  value: 'jb.fault.value',
  text: 'jb.fault.text',
}

/** The words over the field of a member; its path where the form has no such field. */
export function fieldName(path: string, words: Words): string {
  const metric = /^levels\.(\w+)$/.exec(path)?.[1]
  if (metric !== undefined && isMetric(metric)) return `${metric} ${severityWords(words.lang, `metric.${metric}`)}`
  const key = FIELDS[path.replaceAll(/\.\d+|\[\d+\]/g, '')]
  return key === undefined ? path : words(key)
}

export function faultText(field: string, code: string, words: Words): string {
  return words(field === 'vector' ? 'jb.fault.vector' : (FAULTS[code] ?? 'jb.fault.other'))
}

function isMetric(text: string): text is keyof typeof LEVELS {
  return Object.hasOwn(LEVELS, text)
}
