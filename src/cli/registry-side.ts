import { hash, randomBytes } from 'node:crypto'
import type { ReportAdmin } from '../admin/report-admin.ts'
import { ulid } from '../core/base/ids.ts'
import { RESPONSE_TABLE } from '../core/jailbreaks/severity/response-table.ts'
import type { Person } from '../core/record/person.ts'
import type { Config } from '../io/config/config.ts'
import { schemaFault } from '../io/exchange/check-schema.ts'
import { sha256, verifyEd25519 } from '../io/keys/ed25519.ts'
import { createDuty } from '../jobs/duty.ts'
import type { Store } from '../jobs/ports.ts'
import { createRegistry } from '../jobs/registry.ts'
import type { RegistryPorts } from '../jobs/registry-ports.ts'

interface RegistrySetup {
  readonly store: Store
  readonly config: Config
  /** As the configuration names them now. */
  readonly people: () => readonly Person[]
  readonly report: RegistryPorts['report']
}

/** The registry and the duty desk of this instance, over the store. */
export function openRegistry({ store, config, people, report }: RegistrySetup): ReportAdmin {
  const ports: RegistryPorts = {
    store,
    rules: {
      self: config.registry.organisation,
      table: RESPONSE_TABLE,
      sameControl: config.registry.sameControl,
      statutoryHarms: config.registry.statutoryHarms,
    },
    signing: () => ({ people: people(), sha256, verify: verifyEd25519 }),
    schemaFault,
    sha256: (text) => hash('sha256', text),
    nowMs: () => Date.now(),
    newId: (prefix) => `${prefix}_${ulid(Date.now(), randomBytes(10))}`,
    report,
  }
  return { registry: createRegistry(ports), duty: createDuty(ports), nowMs: ports.nowMs }
}
