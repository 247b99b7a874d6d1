import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { answerInTurn } from '../../src/io/detectors/answer-in-turn.ts'

/**
 * A thread in which a model takes as many milliseconds for a text as it says, in steps of ten; `die` ends the thread,
 * and `hang` is never done with.
 */
answerInTurn(parentPort!, async (text, isGone) => {
  if (text === 'die') process.exit(1)
  // Busy for ever, as a library may be: no message is heard any more.
  while (text === 'hang');
  for (let ms = 0; ms < Number(text); ms += 10) {
    await sleep(10)
    if (isGone()) return null
  }
  return { harm: 1 }
})
