import { api, body } from '../api/client';
import { desk, takeMe } from '../live/desk';
import { useFarewell } from '../shared/session';
import { line, takeLine } from '../softphone/line';
import { isMute } from '../softphone/phone';
import { lostCall } from './lostCall';

/** How long the server may take to hear that the phone is there, and a leg to come, before it is asked again, milliseconds. */
const AGAIN = 600;
const COMES = 4000;

/** Makes this page the agent's phone: registers it, puts the agent to work with it, and takes up a call that an earlier page was on. */
export function attend(): () => void {
  if (!isSecureContext) {
    line.setState({ microphone: 'insecure' });
    return () => line.setState({ microphone: 'unknown' });
  }
  const server = `${location.origin.replace(/^http/, 'ws')}/sip`;
  const phone = takeLine(server, () => api.POST('/api/v1/me/phone-token').then(body));
  let asked = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (wait: number) => {
    asked = true;
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked = false;
      look();
    }, wait);
  };

  function look(): void {
    const { registration, leads, call, microphone } = line.getState();
    const { me, calls } = desk.getState();
    if (asked || !leads || registration !== 'registered' || !me?.agent) return;
    if (me.agent.state === 'logged_out' && !me.agent.phone) {
      later(AGAIN);
      // Refused: the server has not heard of the registration yet, or somebody logged the agent out: then the stream ends.
      void api.PUT('/api/v1/session/phone', { body: {} }).then(body).then(takeMe).catch(() => undefined);
    } else if (!call && !isMute(microphone)) {
      const lost = lostCall(me, calls);
      if (!lost) return;
      later(COMES);
      // Refused: it is over, or it was not talk yet.
      void api.POST('/api/v1/calls/{id}/return', { params: { path: { id: lost } } }).then(body).catch(() => undefined);
    }
  }

  const hold = (event: BeforeUnloadEvent) => {
    const { leads, call } = line.getState();
    if (leads && call) event.preventDefault();
  };
  const go = () => {
    const { leads, call } = line.getState();
    const id = desk.getState().me?.agent?.call;
    // Outlives the page: whoever is on the call hears music at once.
    if (leads && call && id) void fetch(`/api/v1/calls/${id}/step-away`, { method: 'POST', keepalive: true });
    phone.abandon();
  };
  // Out of the browser's memory comes a page whose phone is gone.
  const back = ({ persisted }: PageTransitionEvent) => persisted && location.reload();
  addEventListener('beforeunload', hold);
  addEventListener('pagehide', go);
  addEventListener('pageshow', back);
  const unsubscribe = [line.subscribe(look), desk.subscribe(look)];
  return () => {
    clearTimeout(timer);
    unsubscribe.forEach((end) => end());
    removeEventListener('beforeunload', hold);
    removeEventListener('pagehide', go);
    removeEventListener('pageshow', back);
    // Who took the work over takes the call with it.
    if (useFarewell.getState().last) phone.abandon();
    else phone.stop();
  };
}

