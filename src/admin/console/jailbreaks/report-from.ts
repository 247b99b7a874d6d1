/** The report that a filled form is, in the shape of `POST /api/reports`; what is empty is left out. */
export function reportFrom(form: FormData): object {
  const of = (name: string) => {
    const value = form.get(name)
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  }
  const levels = Object.fromEntries(
    ['HD', 'UN', 'EF', 'RE', 'DI', 'LG'].flatMap((metric) => {
      const level = of(`level.${metric}`)
      return level === undefined ? [] : [[metric, level] as const]
    }),
  )
  const [sha256, vector] = [of('artefact'), of('vector')]
  return {
    harm: of('harm'),
    summary: { en: of('summary.en'), ja: of('summary.ja') },
    note: of('note'),
    reporter: { org: of('org'), contact: of('contact') },
    technique: { class: of('technique') },
    affected: [
      {
        model: { vendor: of('vendor'), name: of('model'), version: of('version') },
        safeguard: { introduced: of('safeguard') },
      },
    ],
    vector,
    levels: vector === undefined && Object.keys(levels).length > 0 ? levels : undefined,
    artefacts: sha256 === undefined ? [] : [{ kind: 'task-set', sha256, access: of('access') ?? 'on request' }],
  }
}
