import type { Me } from '../api/client';
import type { LiveCall } from '../live/desk';

/** The call that the agent's page is on by what the server knows, while the page itself has none: one it lost. */
export function lostCall(me: Me, calls: Record<string, LiveCall>): string | undefined {
  const id = me.agent?.state === 'talking' ? me.agent.call : undefined;
  const call = id ? calls[id] : undefined;
  if (!call || call.state !== 'talking') return undefined;
  const own = call.parties.find((party) => party.agent === me.login);
  // A leg that is only dialled comes by itself; one that was up, or is gone, does not.
  return !own || own.state === 'up' ? call.call : undefined;
}
