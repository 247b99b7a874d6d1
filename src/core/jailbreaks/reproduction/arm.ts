/** Who is asked, and how (severity.md §4, P2). */
export type ArmKind =
  /** The target with the technique. */
  | 'technique'
  /** The plain request; of a member, or of the target itself, which an adversary also has without the technique. */
  | 'plain'
  /** A member with a technique that was public before. */
  | 'public'
  /** Imported: search, scanners, a person without a model. */
  | 'no_model'
  /** The technique on another model: whom to warn, never a baseline. */
  | 'transfer'

export interface Arm {
  /** `technique`, `plain:vendor/model`, `public:vendor/model:name`, `no_model:name`, `transfer:vendor/model`. */
  readonly id: string
  readonly kind: ArmKind
  /** Panel member or target as `vendor/model`; null without a model. */
  readonly model: string | null
  /** The target system itself, whatever the request. */
  readonly target: boolean
  /** Name of the technique, null for the plain request. */
  readonly technique: string | null
}

/** Whether uplift is measured against it. */
export function isBaseline({ kind }: Arm): boolean {
  return kind === 'plain' || kind === 'public' || kind === 'no_model'
}

export interface ArmsWanted {
  readonly target: string
  readonly technique: string
  readonly members: readonly string[]
  readonly publicTechniques: readonly string[]
  readonly noModel: readonly string[]
  readonly transfer: boolean
}

/** All arms, the technique first. Their order breaks ties between baselines, so it is fixed. */
export function armsOf(wanted: ArmsWanted): readonly Arm[] {
  const { target, technique, members, publicTechniques, noModel, transfer } = wanted
  const arm = (kind: ArmKind, model: string | null, name: string | null, own = false): Arm => ({
    id: [kind, ...(kind === 'technique' ? [] : [model, kind === 'transfer' ? null : name])]
      .filter((part) => part !== null)
      .join(':'),
    kind,
    model,
    target: own,
    technique: kind === 'no_model' ? null : name,
  })
  return [
    arm('technique', target, technique, true),
    arm('plain', target, null, true),
    ...members.flatMap((member) => [
      arm('plain', member, null),
      ...publicTechniques.map((name) => arm('public', member, name)),
    ]),
    ...noModel.map((name) => arm('no_model', null, name)),
    ...(transfer ? members.map((member) => arm('transfer', member, technique)) : []),
  ]
}
