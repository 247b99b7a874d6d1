import type { Able } from '../../core/policy/cascade.ts'
import type { DetectorConfig } from '../config/detectors.ts'
import { ableOf } from './arrange.ts'
import { decisions } from './decisions.ts'
import type { Detector } from './detector.ts'
import { llmJudge } from './llm-judge.ts'
import { moderation } from './moderation.ts'
import { onnxGuard } from './onnx-guard.ts'
import { probe } from './probe.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The second opinions of a configuration, cheapest first. Nothing is connected or loaded before the first question. */
export function openDetectors(configs: readonly DetectorConfig[], environment: Environment): readonly Detector[] {
  return configs.map((config) => open(config, environment)).sort((a, b) => a.costUs - b.costUs)
}

/** What the detectors of a configuration can be asked. */
export function ableDetectors(configs: readonly DetectorConfig[], environment: Environment): readonly Able[] {
  return openDetectors(configs, environment).map((detector) => {
    // Nothing was connected yet.
    void detector.close()
    return ableOf(detector)
  })
}

function open(config: DetectorConfig, environment: Environment): Detector {
  const secretOf = (name: string | undefined) => (name === undefined ? null : (environment[name] ?? null))
  switch (config.kind) {
    case 'moderation':
      return moderation(config, secretOf(config.credential_env))
    case 'judge':
      return llmJudge(config, secretOf(config.credential_env))
    case 'decisions':
      return decisions(config, secretOf(config.credential_env))
    case 'probe':
      // The configuration was not accepted without it.
      return probe(config, secretOf(config.secret_env)!)
    case 'onnx':
      return onnxGuard(config)
  }
}
