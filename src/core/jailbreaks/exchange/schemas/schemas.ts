import type { PayloadKind } from '../payload-types.ts'
import { instrumentSchema, panelSchema, providerSchema, rootSchema } from './others.ts'
import type { Schema } from './parts.ts'
import { recordSchema } from './record.ts'
import { statementSchema } from './statement.ts'

/** JSON Schema of each payload: open for what it does not name, closed for what it does. Compiled at the edge. */
export const SCHEMAS: Readonly<Record<PayloadKind, Schema>> = {
  record: recordSchema,
  statement: statementSchema,
  panel: panelSchema,
  instrument: instrumentSchema,
  root: rootSchema,
  provider: providerSchema,
}
