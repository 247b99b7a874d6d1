import type { Tools } from '../../core/jailbreaks/exchange/root-chain.ts'
import { sha256, verifyEd25519 } from '../keys/ed25519.ts'
import { schemaFault } from './check-schema.ts'

/** Hashing, signatures and schemas of this machine, for the exchange. */
export const EXCHANGE_TOOLS: Tools = { sha256, verify: verifyEd25519, schemaFault }
