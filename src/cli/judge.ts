import { hash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../core/base/errors.ts'
import { type FamilyBook, type FamilyDetector, familyBook } from '../core/classifier/family-book.ts'
import type { Classifier } from '../core/classifier/types.ts'
import type { Decision, DecisionInput } from '../core/policy/decision.ts'
import type { Finding, Stage } from '../core/policy/finding.ts'
import { type Bundle, bundleHash } from '../core/safeguards/bundle.ts'
import { redecide } from '../core/safeguards/replay.ts'
import { ruleBook } from '../core/safeguards/rules.ts'
import { BASE, joined } from '../core/safeguards/slots.ts'
import { ORDINARY } from '../core/trust/standing.ts'
import { answerFinding, inspect, ruleFindings } from '../gateway/inspect.ts'
import type { ScoredTexts } from '../gateway/scored-texts.ts'
import { loadClassifier } from '../io/model/load-classifier.ts'
import { readBundleArchive, readBundleFolder } from '../io/safeguards/bundle-folder.ts'
import type { Judge } from '../jobs/traffic.ts'
import { EMBEDDED_MODEL, loadEmbedded } from './embedded.ts'
import { exchangeOf } from './judged-steps.ts'

export class JudgeError extends CodedError<'bundle_missing' | 'model_missing' | 'slots_differ'> {}

/** A safeguard that can be applied: its bundle, its name, and its classifier. */
export interface Applied {
  readonly bundle: Bundle
  readonly label: string
  readonly hash: string
  readonly classifier: Classifier
}

const sha256 = (text: string) => hash('sha256', text)

/** What ships with this version, as a bundle: what enforces until a release does. */
export async function embeddedBundle(): Promise<Applied> {
  const { classifier, safeguard } = loadEmbedded()
  const { slot, policy, release } = safeguard
  const bundle: Bundle = {
    ...{ slot, policy, model: classifier.modelHash, rules: [], families: [], cascade: null, sunset: null },
  }
  return { bundle, label: release, hash: bundleHash(bundle, sha256), classifier }
}

/**
 * `enforcing`, a bundle's folder, or its archive. A bundle of another model has it beside it as `model.slm`.
 * @throws {BundleError} or {JudgeError} naming what is missing.
 */
export async function loadApplied(name: string): Promise<Applied> {
  const embedded = await embeddedBundle()
  if (name === 'enforcing') return embedded
  if (!existsSync(name))
    throw new JudgeError('bundle_missing', `no bundle at ${name}; name a folder, an archive, or \`enforcing\``)
  const folder = statSync(name).isDirectory()
  const bundle = folder ? readBundleFolder(name, 'ignore') : readBundleArchive(name)
  const wanted = bundle.model ?? embedded.bundle.model
  const classifier = wanted === embedded.bundle.model ? embedded.classifier : await ownModel(name, wanted!)
  const named = bundleHash(bundle, sha256)
  return { bundle, label: `${bundle.slot} ${named.slice(7, 15)}`, hash: named, classifier }
}

async function ownModel(folder: string, wanted: string): Promise<Classifier> {
  const file = join(folder, 'model.slm')
  const found = existsSync(file) ? loadClassifier(file) : null
  if (found?.modelHash !== wanted)
    throw new JudgeError(
      'model_missing',
      `the bundle wants model ${wanted}; put its file at ${file} (embedded: ${EMBEDDED_MODEL})`,
    )
  return found
}

/**
 * A domain's safeguard decides beside what decides the rest; one of the same slot takes its place.
 * @throws {JudgeError} `slots_differ`: of two domains none is the rest of the other.
 */
export function beside(rest: Applied, one: Applied): Applied {
  const [slot, its] = [one.bundle.slot, rest.bundle.slot]
  if (slot === its || slot === BASE) return one
  if (its !== BASE)
    throw new JudgeError(
      'slots_differ',
      `${one.label} cannot be compared with ${rest.label}; name one of its slot, or of base`,
    )
  return { ...one, bundle: { ...joined(rest.bundle, [one.bundle]), sunset: one.bundle.sunset } }
}

/** Reported techniques that the bundle knows. */
export function familiesOf({ families }: Bundle): FamilyBook | null {
  return familyBook(families as readonly unknown[] as readonly FamilyDetector[])
}

/** Applies a safeguard to rows as the gateway would to requests: an ordinary caller, with a weaker model to fall back on. */
export function judgeOf({ bundle, classifier }: Pick<Applied, 'bundle' | 'classifier'>): Judge {
  const book = ruleBook(bundle.rules)
  const families = familiesOf(bundle)
  const texts: ScoredTexts = {
    score: (stage, text, context) => classifier.score(text, stage, context),
    scoreOnce: (stage, text, context) => classifier.score(text, stage, context),
  }
  return ({ turns, target }): Decision => {
    const last = turns.at(-1)!
    const answered = target === 'exchange' && last.role === 'assistant'
    const exchange = exchangeOf(answered ? turns.slice(0, -1) : turns)
    const asked = inspect(exchange, book, texts, families)
    const steps: DecisionInput[] = [step('input', asked.findings)]
    if (answered) {
      const scores = classifier.score(last.content, 'output')
      const together = asked.asked === null ? [] : [answerFinding('exchange', classifier.exchange(asked.asked, scores))]
      const ruled = ruleFindings(book, 'output', last.content, null)
      steps.push(step('output', [answerFinding('output', scores), ...together, ...ruled]))
    }
    return redecide(steps, bundle)
  }
}

function step(stage: Stage, findings: readonly Finding[]): DecisionInput {
  const context = { standing: ORDINARY, mode: 'enforce', fallbackModel: 'the weaker model', asksFallbackTarget: false }
  return { ...context, stage, findings } as DecisionInput
}
