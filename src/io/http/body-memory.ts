/** Bytes of request bodies that one process holds at a time. */
export interface BodyMemory {
  /** A share of it for one request. */
  open(): BodyShare
}

export interface BodyShare {
  /** Takes so many bytes more; false where there is no room, and then none are taken. */
  take(bytes: number): boolean
  /** Gives back whatever was taken. */
  release(): void
}

/**
 * Bounds the bodies of all requests together: each may be large, and many may be under way, but memory for the product
 * of both there is not. A body counts from its first byte until its answer has ended.
 */
export function createBodyMemory(most: number): BodyMemory {
  let held = 0
  return {
    open() {
      let own = 0
      return {
        take(bytes) {
          if (held + bytes > most) return false
          held += bytes
          own += bytes
          return true
        },
        release() {
          held -= own
          own = 0
        },
      }
    },
  }
}
