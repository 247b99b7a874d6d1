const EVERY_MS = 100
/** One late timer is one long task; this many in a row are more work than the process can do. */
const IN_A_ROW = 3

/** How late timers are, lastingly: a process whose event loop stays behind should take no more work. */
export function watchLag(): { ms(): number; stop(): void } {
  let expected = performance.now() + EVERY_MS
  const last = new Array<number>(IN_A_ROW).fill(0)
  const timer = setInterval(() => {
    const now = performance.now()
    last.push(Math.max(0, now - expected))
    last.shift()
    expected = now + EVERY_MS
  }, EVERY_MS)
  timer.unref()
  return { ms: () => Math.min(...last), stop: () => clearInterval(timer) }
}
