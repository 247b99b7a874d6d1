import { utf8Bytes } from '../base/utf8.ts'

/** What a witness signs: that it saw this body, at this time. Source: C2SP `tlog-cosignature.md`. */
export function cosignedMessage(text: string, timeS: number): Uint8Array {
  return utf8Bytes(`cosignature/v1\ntime ${timeS}\n${text}`)
}

/** 8 bytes, big-endian. */
export function timeBytes(timeS: number): Uint8Array {
  const bytes = new Uint8Array(8)
  let rest = timeS
  for (let i = 7; i >= 0; i--) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

/** Null where it is not before the year 285 million: no exact number any more. */
export function timeOf(bytes: Uint8Array): number | null {
  const time = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return Number.isSafeInteger(time) ? time : null
}
