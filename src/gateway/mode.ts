import type { Mode } from '../core/policy/policy.ts'
import { BASE } from '../core/safeguards/slots.ts'
import type { GatewayState, Ports, WireRequest } from './ports.ts'

/**
 * The mode under which a request is served: the installation's, or `off` where its key may choose that and does.
 * @throws {AccessError} it chooses, and its caller is not known.
 */
export function modeOf({ headers }: Pick<WireRequest, 'headers'>, ports: Pick<Ports, 'state' | 'identify'>): Mode {
  const { mode } = ports.state()
  if (mode === 'off' || headers['x-sluice-mode'] !== 'off') return mode
  return ports.identify(headers).settings.mayChooseMode ? 'off' : mode
}

/** What an answer says that concerns no single decision: under which mode requests are served, and by which release. */
export function modeHeaders(
  { arm, safeguard }: Pick<GatewayState, 'arm' | 'safeguard'>,
  mode: Mode,
): Record<string, string> {
  if (mode === 'off') return { 'x-sluice-mode': mode }
  return {
    'x-sluice-mode': mode === 'enforce' ? arm : mode,
    'x-sluice-safeguard': safeguard.releases[BASE] ?? safeguard.release,
  }
}
