import { request } from 'undici'
import { prompt } from './prompt.ts'
import { type Message, wires } from './shapes.ts'
import type { SluiceChild } from './sluice.ts'

const TURNS = 200
const NEW_CHARS = 600
/** What one turn may be compared over: the first turns fill caches, the last ones show what growth does. */
const EDGE = 20

/** What the classifier did for a conversation that is resent whole with every turn; the counter is exported by Sluice. */
export interface Conversation {
  readonly turns: number
  /** Characters a turn adds: what is asked now, and the answer before it. */
  readonly newCharsPerTurn: number
  readonly bodyBytesFirst: number
  readonly bodyBytesLast: number
  /** Characters classified per turn, over the turns 2 to 21 and over the last twenty. */
  readonly classifiedEarly: number
  readonly classifiedLate: number
  readonly classifiedTotal: number
  /** What scoring everything anew each turn would have classified. */
  readonly everythingTotal: number
}

/** Sends a conversation of 200 turns, each with all turns before it. @param answer Text that the upstream answers. */
export async function conversation(sluice: SluiceChild, answer: string): Promise<Conversation> {
  const { path, headers } = wires.messages
  const messages: Message[] = []
  const counted = async () => (await sluice.metric('sluice_classified_characters_total')) ?? Number.NaN
  const start = await counted()
  const after: number[] = []
  let everythingTotal = 0
  const sizes: number[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    messages.push({ role: 'user', content: prompt(NEW_CHARS, 100 + turn) })
    const body = wires.messages.request(messages, null)
    sizes.push(Buffer.byteLength(body))
    const reply = await request(`http://127.0.0.1:${sluice.port}${path}`, { method: 'POST', headers, body })
    if (reply.statusCode !== 200) throw new Error(`turn ${turn}: status ${reply.statusCode}`)
    await reply.body.arrayBuffer()
    messages.push({ role: 'assistant', content: answer })
    everythingTotal += messages.reduce((sum, { content }) => sum + content.length, 0)
    after.push(await counted())
  }
  const work = after.map((n, i) => n - (i === 0 ? start : after[i - 1]!))
  const mean = (values: readonly number[]) => values.reduce((sum, n) => sum + n, 0) / values.length
  return {
    ...{ turns: TURNS, newCharsPerTurn: NEW_CHARS + answer.length },
    ...{ bodyBytesFirst: sizes[0]!, bodyBytesLast: sizes.at(-1)! },
    classifiedEarly: mean(work.slice(1, 1 + EDGE)),
    classifiedLate: mean(work.slice(-EDGE)),
    ...{ classifiedTotal: after.at(-1)! - start, everythingTotal },
  }
}
