import type { CollateralWords } from './words.ts'

const END = {
  pass: 'every gate holds',
  fail: 'it can’t go to review',
  INCONCLUSIVE: 'too little is known to send it to review',
} as const

/** Sentences of the collateral report in English. */
export const en: CollateralWords = {
  lang: 'en',
  title: 'Collateral report',
  heading: (after, points, sign, outcome) =>
    sign > 0
      ? `${after} takes ${points} pp of legitimate requests away from the model asked for; ${END[outcome]}`
      : sign < 0
        ? `${after} gives ${points} pp of legitimate requests back to the model asked for; ${END[outcome]}`
        : `${after} changes no share of legitimate requests; ${END[outcome]}`,
  lede: ({ before, after, requests, sessions, organisations, source, window }) =>
    `${after} against ${before}, paired on the same traffic: ${requests} legitimate requests, ${sessions} sessions, ${organisations} organisations${window === null ? '' : `, ${window}`}. Source: ${source}.`,
  outcome: { pass: 'pass', fail: 'fail', INCONCLUSIVE: 'INCONCLUSIVE' },
  action: {
    allow: 'allow',
    flag: 'flag',
    fall_back: 'fall back',
    require_trust: 'require trust',
    refuse: 'refuse',
  },
  movement: {
    newly_refused: 'Newly refused',
    newly_diverted: 'Newly diverted',
    newly_freed: 'Newly freed',
    eased: 'Refused before, diverted now',
    marked: 'Same answer, another mark',
    unchanged: 'Unchanged',
  },
  dimension: {
    category: 'Category (of all traffic)',
    segment: 'Task',
    org: 'Organisation',
    surface: 'Surface',
    language: 'Language',
  },
  gate: {
    permanent: 'Permanent cases',
    miss: 'Misses, one-sided upper bound',
    retained: 'Retained share within budget',
    separable: 'Blocked class can be told from legitimate text',
    slices: 'No slice loses more than',
    overhead: 'Overhead p99',
    sunset: 'Sunset, where temporary',
  },
  reason(gate, { n, needed }) {
    switch (gate.reason) {
      case 'holds':
        return gate.about === null ? '' : gate.about
      case 'acts_on_permanent':
        return `It acts on permanent cases, most of them in ${gate.about}. None may be acted on: narrow it.`
      case 'still_acted':
        return `Nothing new; as today it acts on some of ${gate.about}.`
      case 'no_permanent':
        return 'No permanent case was looked at; give the folder of the regression sets.'
      case 'claim_n':
        return `${n} trials are too few for this claim on ${gate.about}; ${needed} would decide it at these misses.`
      case 'claim_missed':
        return `The misses seen on ${gate.about} contradict the claim. Claim less, or catch more.`
      case 'one_sided':
        return 'Not publishable: the report gives false positives without misses. Add attacks to the traffic.'
      case 'loses_attacks':
        return 'It misses attacks that are caught today.'
      case 'over_budget':
        return 'Outside the budget: one extra sign-off is needed, or a narrower safeguard.'
      case 'too_few':
        return `${n} are too few to tell${gate.needed === null ? '' : `; about ${needed} would decide`}.`
      case 'inseparable':
        return `What it stops can’t be told apart by its text: ${gate.about}. Narrow it, decide on output, or ask for trusted access.`
      case 'not_stated':
        return 'A class is claimed to be caught, and nothing says what it must be told from; name the legitimate class that reads alike.'
      case 'over_slice':
        return `Loses more than the limit, corrected for all slices: ${gate.about}.`
      case 'over_limit':
        return 'Slower than the limit.'
      case 'not_measured':
        return 'Not measured on this traffic.'
      case 'no_sunset':
        return 'A temporary safeguard has a date on which it ends; add one.'
    }
  },
  section: {
    movements: 'What changes for legitimate traffic',
    gates: 'Gates',
    slices: 'Diverted or refused, by slice',
    requests: 'The very requests',
    gains: 'What it gains',
    limits: 'What this report can’t tell',
    cost: 'What it costs',
  },
  note: {
    movements: 'paired, 95% intervals clustered by session; requests and sessions are different shares and never added',
    gates: 'the whole interval must be on the right side of the dashed limit',
    slices:
      'legitimate requests, after minus before in percentage points; square area follows n; dashed: the limit; p corrected for all slices (Holm)',
    gains: 'share not answered by the model asked, exact 95% intervals; the difference is paired',
    cost: 'time of looking at one request, light tier',
  },
  column: {
    movement: 'Movement',
    requests: 'Requests',
    ofRequests: 'of requests',
    sessions: 'Sessions',
    ofSessions: 'of sessions',
    quality: 'Quality change per request',
    measure: 'Measure',
    limit: 'Limit',
    value: 'Value, 95% interval',
    result: 'Result',
    slice: 'Slice',
    before: 'before %',
    after: 'after %',
    difference: 'difference, 95% interval',
    family: 'Family or category',
    request: 'Request',
    organisation: 'Organisation',
    segment: 'Task',
    category: 'Category',
    corrected: 'p, corrected',
  },
  figure: {
    retainedBefore: 'Retained share before',
    retainedAfter: 'Retained share after',
    weighted: 'Weighted by quality',
    budget: 'Budget',
    users: 'Users with no change',
    sessionsAfter: 'Sessions untouched after',
    mcnemar: 'Exact McNemar, sessions',
    superset: 'Superset test',
    madeFor: 'Made for',
    sunset: 'Ends',
    hash: 'Bundle',
    tokens: 'Tokens of detectors per 1,000 requests',
  },
  superset: {
    superset: 'acts on all that is acted on today, and on more',
    subset: 'acts on less than today, and on nothing new',
    equal: 'acts on the same requests',
    mixed: 'acts on some new requests, and no longer on others',
    worse: 'strictly worse: takes from legitimate requests, gives nothing back and catches no attack more',
  },
  freed: '← freed',
  taken: 'taken away →',
  noAnswer: 'no answer',
  notMeasured: 'not measured',
  none: 'none',
  interval: (lo, hi) => `${lo} to ${hi}`,
  pp: (value) => `${value} pp`,
  nOf: (k, n) => `${k} of ${n}`,
  shown: (shown, total) => `${shown} of ${total} shown, worst first; the JSON of this report lists all of them`,
  limits: {
    notReplayable: (n, reason) => `${n} requests could not be decided again: ${reason}`,
    withoutAnswer: (n) => `${n} were refused before an answer was made; how that answer would be judged, nobody knows`,
    unlabelled: (n) => `${n} requests carry no label and count as legitimate`,
    slice: (name, n, needed) => `${name}: ${n} requests; about ${needed} would decide`,
    slicesLeft: (n) => `${n} further slices with fewer requests and less change are not shown`,
    quality: 'The quality lost per diverted request was not measured; only how many are diverted is known',
    oneSided: 'No attack was in this traffic: nothing can be said of what is missed',
    left: 'Users who leave are seen only after enforcement',
  },
  replayReason(code) {
    switch (code) {
      case 'no_content':
        return 'the findings do not suffice, and the content is gone'
      case 'unknown_release':
        return 'the safeguard that decided then is not at hand, and the content is gone'
      case 'not_asked':
        return 'the cascade would have asked a detector that was not asked then'
      case 'unreadable':
        return 'the content cannot be read any more'
      default:
        return code
    }
  },
}
