import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { alone, FeedBusyError } from './alone.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'sluice-alone-'))

/** Runs `script` in a process of its own, with `alone` and `folder` at hand. */
function other(folder: string, script: string) {
  const head = `import { alone } from ${JSON.stringify(new URL('./alone.ts', import.meta.url).href)}
    import { readFileSync, writeFileSync } from 'node:fs'
    const folder = ${JSON.stringify(folder)}
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))\n`
  return spawn(process.execPath, ['--input-type=module', '-e', head + script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('alone: while one is at it another is told so, and afterwards it is free, also after an act that failed', async () => {
  const folder = newFolder()
  await alone(folder, async () => {
    await expect(alone(folder, async () => 1)).rejects.toThrow(FeedBusyError)
  })
  await expect(alone(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await alone(folder, async () => 2)).toBe(2)
})

test('alone: what a process held that was killed is free', async () => {
  const folder = newFolder()
  const holder = other(folder, `await alone(folder, async () => { console.log('held'); await wait(1e6) })`)
  await once(holder.stdout, 'data')
  await expect(alone(folder, async () => 1)).rejects.toThrow(FeedBusyError)
  holder.kill('SIGKILL')
  await once(holder, 'close')
  expect(await alone(folder, async () => 2)).toBe(2)
})

test('alone: of many processes one at a time is at it', async () => {
  const folder = newFolder()
  const counter = join(folder, 'counter')
  const turns = 10
  writeFileSync(counter, '0')
  // Of what two did at once, one would be lost.
  const script = `
    const counter = ${JSON.stringify(counter)}
    for (let done = 0; done < ${turns}; )
      try {
        await alone(folder, async () => {
          const count = Number(readFileSync(counter, 'utf8'))
          await wait(2)
          writeFileSync(counter, String(count + 1))
        })
        done++
      } catch (error) {
        if (error.code !== 'busy') throw error
        await wait(1)
      }`
  const closed = Array.from({ length: 4 }, () => once(other(folder, script), 'close'))
  expect((await Promise.all(closed)).map(([code]) => code)).toEqual([0, 0, 0, 0])
  expect(readFileSync(counter, 'utf8')).toBe(String(4 * turns))
})
