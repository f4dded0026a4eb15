import i18next from 'i18next';

import { line } from '../softphone/line';
import { titleOver } from './title';

/** Says outside of the page that it rings: in the title, and by a notification while the page is hidden. Until the function it gives back is called. */
export function alertOfCalls(): () => void {
  let shown: { call: string; notification?: Notification } | undefined;
  const end = () => {
    shown?.notification?.close();
    shown = undefined;
    titleOver(undefined);
  };
  const look = () => {
    const { call, leads } = line.getState();
    const rings = call?.state === 'ringing' && !call.byItself ? call : undefined;
    if (shown?.call === rings?.id) return;
    end();
    if (!rings) return;
    const words = i18next.t('shell:alert.call', { from: rings.from });
    titleOver(`(1) ${words}`);
    shown = { call: rings.id };
    // The tab that is the phone tells; the call's name keeps a second one from showing beside it.
    if (!leads || !document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
    shown.notification = new Notification(words, { tag: rings.id, requireInteraction: true, icon: '/icon.svg' });
    shown.notification.onclick = () => window.focus();
  };
  const unsubscribe = line.subscribe(look);
  return () => {
    unsubscribe();
    end();
  };
}
