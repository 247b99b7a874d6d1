import { ACTIONS, type Action } from '../../../core/policy/policy.ts'

export function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text)
}
