/** One tab of a browser is the phone; the others look on and order it. */
export interface Lead<State, Order> {
  /** What the others are shown now. */
  show(state: State): void;
  /** This tab goes: another one is the phone then. */
  leave(): void;
  /** Orders whoever is the phone. */
  order(order: Order): void;
}

interface Roles<State, Order> {
  /** This tab is the phone from now on. */
  lead(): void;
  /** An order for the phone. */
  ordered(order: Order): void;
  /** What the phone of another tab shows. */
  shown(state: State): void;
}

type Said<State, Order> = { type: 'state'; state: State } | { type: 'order'; order: Order } | { type: 'who' };

/** Takes part in being the one phone of this browser under a name: by a lock that passes on when its tab closes. */
export function takePart<State, Order>(name: string, roles: Roles<State, Order>): Lead<State, Order> {
  const channel = new BroadcastChannel(name);
  const gone = new AbortController();
  let leads = false;
  let last: State | undefined;
  let release: () => void = () => undefined;
  const say = (said: Said<State, Order>) => channel.postMessage(said);

  channel.onmessage = ({ data }: MessageEvent<Said<State, Order>>) => {
    if (data.type === 'state' && !leads) roles.shown(data.state);
    if (data.type === 'order' && leads) roles.ordered(data.order);
    if (data.type === 'who' && leads && last !== undefined) say({ type: 'state', state: last });
  };
  say({ type: 'who' });
  navigator.locks
    .request(name, { signal: gone.signal }, () => {
      leads = true;
      roles.lead();
      return new Promise<void>((resolve) => (release = resolve));
    })
    // Only one who leaves before it was ever the phone.
    .catch(() => undefined);

  return {
    show(state) {
      last = state;
      if (leads) say({ type: 'state', state });
    },
    order(order) {
      if (leads) roles.ordered(order);
      else say({ type: 'order', order });
    },
    leave() {
      leads = false;
      gone.abort();
      release();
      channel.close();
    },
  };
}
