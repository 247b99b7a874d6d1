import { hash } from 'fast-sha256'
import type { Sha256 } from '../../../core/base/digest.ts'

/** SHA-256 that answers at once: what the browser itself offers answers later, and the core hashes as it goes. */
export const sha256: Sha256 = (bytes) => hash(bytes)
