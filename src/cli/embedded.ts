import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ModelError } from '../core/classifier/model-file.ts'
import type { Classifier } from '../core/classifier/types.ts'
import { defaultPolicy } from '../core/policy/default-policy.ts'
import { type Bundle, parseBundle } from '../core/safeguards/bundle.ts'
import { asSafeguard, type Safeguard } from '../core/safeguards/safeguard.ts'
import { BASE } from '../core/safeguards/slots.ts'
import { loadClassifier, modelFacts } from '../io/model/load-classifier.ts'

/** The root of the package: where the shipped model and the built console are. */
export const PACKAGE_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export const EMBEDDED_MODEL = join(PACKAGE_ROOT, 'models', 'embedded.slm')

/** Name of the safeguard that ships with this version, in the `base` slot. */
export const BASE_RELEASE = 'base-2026.11.26'

/**
 * The shipped classifier and the safeguard built on it.
 * @throws {ModelError} the file is not there, or is not the one that was trained.
 */
export function loadEmbedded(file: string = EMBEDDED_MODEL): { classifier: Classifier; safeguard: Safeguard } {
  const classifier = loadClassifier(file)
  return { classifier, safeguard: safeguardOn(classifier) }
}

/** The shipped safeguard alone, for whoever scores little or nothing: its model is read when it is first asked. */
export function embeddedSafeguard(): { readonly safeguard: Safeguard; classifier(): Classifier } {
  let loaded: Classifier | null = null
  const safeguard = safeguardOn(modelFacts(EMBEDDED_MODEL))
  return {
    safeguard,
    classifier() {
      loaded ??= loadClassifier(EMBEDDED_MODEL)
      // Trained or upgraded in place meanwhile: another model explains nothing that this one decided.
      if (loaded.modelHash !== safeguard.model)
        throw new ModelError('model_altered', 'the model file has changed since the start; restart')
      return loaded
    },
  }
}

function safeguardOn({ modelHash, thresholds }: ReturnType<typeof modelFacts>): Safeguard {
  return asSafeguard(
    { slot: BASE, policy: defaultPolicy(thresholds), model: null, cascade: null },
    BASE_RELEASE,
    modelHash,
  )
}

/** The shipped safeguard as a bundle: what a first release of the base slot is compared with, and exported from. */
export function bundleOfSafeguard({ slot, model, policy, cascade }: Safeguard): Bundle {
  return parseBundle({ slot, model, policy, rules: [], families: [], cascade, sunset: null })
}
