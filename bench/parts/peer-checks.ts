import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The checks of the peer that need neither a network nor a model. */
export const CHECKS = ['Keyword Filter', 'Secret Keys', 'URL Filter', 'Contains PII', 'encoded PII'] as const
export type CheckName = (typeof CHECKS)[number]
/** Whether a text is one that a check, or a rule, acts on. */
export type Verdict = (text: string) => Promise<boolean>

export interface PeerChecks {
  /** The package with its version. */
  readonly name: string
  readonly checks: Readonly<Record<CheckName, Verdict>>
  /** What it has besides: `Competitors` is its keyword filter again, the rest ask a model or an API. */
  readonly others: readonly string[]
}

/** What this benchmark uses of the package; its own types are installed with it, and not before. */
interface Package {
  readonly defaultSpecRegistry: { get_all_metadata(): readonly { readonly name: string }[] }
  readonly PIIConfig: { parse(given: object): object }
  runGuardrails(text: string, bundle: object, context: object): Promise<readonly { tripwireTriggered: boolean }[]>
}

/**
 * The peer's checks with its own defaults, called by its own function for a text that no client sends.
 * @param modules Where it is installed.
 */
export function peerChecks(modules: string, keywords: readonly string[]): PeerChecks {
  const home = join(modules, '@openai', 'guardrails')
  const peer = createRequire(import.meta.url)(home) as Package
  const { name, version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Record<string, string>
  const check =
    (name: string, config: object): Verdict =>
    async (text) => {
      const [result] = await peer.runGuardrails(text, { version: 1, guardrails: [{ name, config }] }, {})
      return result!.tripwireTriggered
    }
  const pii = (settings: object) => check('Contains PII', { ...peer.PIIConfig.parse({ block: true }), ...settings })
  const measured: readonly string[] = CHECKS
  return {
    name: `${name} ${version}`,
    checks: {
      'Keyword Filter': check('Keyword Filter', { keywords }),
      'Secret Keys': check('Secret Keys', {}),
      'URL Filter': check('URL Filter', {}),
      'Contains PII': pii({}),
      'encoded PII': pii({ detect_encoded_pii: true }),
    },
    others: peer.defaultSpecRegistry
      .get_all_metadata()
      .map((one) => one.name)
      .filter((one) => !measured.includes(one)),
  }
}
