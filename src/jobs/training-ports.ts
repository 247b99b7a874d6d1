import type { AttackForm, Category } from '../core/base/harm.ts'
import type { EvalRow, Verdict } from '../core/classifier/evaluation/row.ts'
import type { ColumnLesson, NetworkLesson } from '../core/classifier/lesson.ts'
import type { Network } from '../core/classifier/network.ts'
import type { FeatureSet, TrainedColumn } from '../core/classifier/train-step.ts'

/** Whatever gives verdicts on rows. It never throws on a row: what fails is a verdict of its own. */
export interface Judge {
  /** Rows that may be asked about at once. */
  readonly concurrency: number
  verdict(row: EvalRow): Verdict | Promise<Verdict>
}

/**
 * Learns the parts of a model from one set of texts, as many at a time as it can. What a part comes out as depends on its
 * lesson alone, never on what else is learned meanwhile.
 */
export interface Learner {
  column(lesson: ColumnLesson, progress: (share: number) => void): Promise<TrainedColumn>
  network(lesson: NetworkLesson, progress: (share: number) => void): Promise<Network>
}
export type OpenLearner = (set: FeatureSet) => Learner

/** One labelled row, as the data files have it. */
export interface TrainingRow {
  readonly id: string
  readonly lang: string
  readonly turns: readonly { readonly role: string; readonly content: string }[]
  readonly label: 'harmful' | 'benign' | 'borderline-benign'
  readonly attack: string | null
  readonly category: string
  readonly target: 'prompt' | 'exchange'
  /** What a harmless row is about, where its source says. */
  readonly topic?: string | undefined
  readonly source: string
  readonly quality: 'gold' | 'silver' | 'weak'
  /** Of a row that people here have labelled; left out of all others. */
  readonly provenance?: Provenance | undefined
}

/** Whose word a row stands on, and whose traffic it is. */
export interface Provenance {
  readonly authors: readonly string[]
  readonly org: string
  /** What was reviewed, also where the label says that it is harmless. */
  readonly category: string
}

/** The two uses of one wording. A template of a regression set has a harmless side only. */
export type Side = 'harmless' | 'harmful'

/**
 * A skeleton with places for slot values, for both sides at once: `[[harmless||harmful]]` where they part, `{slot}` where
 * a value goes. A slot value may part in the same way, without brackets (`walnuts||safes`), and hold other slots.
 */
export interface Template {
  /** `subject.lang.slug`; the split hangs on it, so it never changes. */
  readonly id: string
  readonly subject: string
  readonly lang: string
  readonly sides: readonly Side[]
  readonly label: 'benign' | 'borderline-benign'
  readonly category: Category | 'none'
  readonly attack: AttackForm | null
  /** Under what name its rows stand: it decides how they weigh, and how many templates are held out. */
  readonly source: OwnSource
  readonly turns: TrainingRow['turns']
  /** Whether polite greetings fit: `plain` texts take `plain_opener` and `plain_closer`. */
  readonly tone: 'polite' | 'plain'
  readonly slots: Slots
}

/** Texts that people put around a request, by language: `{text}` once in each. */
export type Wrappings = Readonly<Record<string, readonly string[]>>

/** Answers to one request for harm, and to a harmless one on the same subject. */
export interface AnswerSeed {
  /** Name of the file: each has a writer of its own. */
  readonly writer: string
  readonly lang: string
  readonly category: Category
  readonly asked: string
  /** It gives in, and is cut before anything usable. */
  readonly complies: string
  /** It does not help with it. */
  readonly declines: string
  readonly near: string
  readonly helps: string
}

/** Data of the project's own. */
export type OwnSource = 'sluice-pairs' | 'sluice-requests' | 'sluice-unseen' | 'sluice-everyday' | 'sluice-regression'

export type Slots = Readonly<Record<string, readonly string[]>>

export interface Seeds {
  readonly templates: readonly Template[]
  /** By language: slots that any template may use; `opener` and `closer` go around what the user says. */
  readonly shared: Readonly<Record<string, Slots>>
}

/** A row of the data schema, whole: what training and evaluation read. */
export interface DataRow extends TrainingRow {
  readonly license: string
  readonly split: 'train' | 'dev'
}

// ── Replay and collateral reports ──────────────────────────────────────────────────────────────────────────────────
