import type { Bar } from './report.ts'

/** The whole report as a page of the documentation: what was measured, by which command, against which bars. */
export function pageOf(report: string, bars: readonly Bar[], args: readonly string[]): string {
  const shown = args.filter((arg, i) => arg !== '--write' && args[i - 1] !== '--write')
  const word = { true: 'met', false: '**missed**', null: 'not measured' } as const
  const rows = bars.map(
    ({ bar, value, met }) => `| ${bar} | ${value === null ? '' : value.toFixed(2)} | ${word[`${met}`]} |`,
  )
  return `# What it costs

Written by \`npm run bench -- ${[...shown, '--write', 'docs/performance.md'].join(' ')}\`. Everything is measured in one run on one machine, round by
round in turn, so read the ratios: absolute figures move by a factor of two with the machine. CPU is that of the whole
process: store, garbage collection and all. No two requests are alike, and the prompts are ordinary work.

## Against the bars

| bar | measured | |
| --- | ---: | --- |
${rows.join('\n')}

## Figures

${report.trim()}
`
}
