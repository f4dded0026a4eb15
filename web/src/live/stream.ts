import { apply, type Stale } from './apply';
import { desk, type Desk } from './desk';
import type { Message } from './message';

/** Silence after which the page says so, milliseconds; the server's heart beats every 5 s. */
export const SILENCE = 12_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const SIGNED_OUT = 4401;
const ROLE_CHANGED = 4409;
const TAKEN_OVER = 4410;
const GOING_AWAY = 1000;

export interface Listener {
  /** What was fetched is out of date. */
  stale: (what: Stale[]) => void;
  /** A call's record was written anew. */
  saved?: (call: string) => void;
  /** The session ended. */
  signedOut: () => void;
  /** The same agent took the work over at another desktop, from this address. */
  takenOver: (from: string) => void;
  /** The session may have ended, or may be another: ask. */
  doubt: () => void;
}

/** Follows the live stream: one socket, opened again whenever it breaks, falls silent or shows a hole. */
export class Stream {
  #socket: WebSocket | undefined;
  #epoch = 0;
  /** Last of the chain that was taken. */
  #seq = 0;
  #wait = FIRST_WAIT;
  #again: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #buffer: Message[] = [];
  #drawing = false;
  #stopped = false;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
  ) {}

  start(): void {
    this.#connect();
    this.#listen();
    window.addEventListener('online', this.#now);
    document.addEventListener('visibilitychange', this.#now);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    clearTimeout(this.#silence);
    window.removeEventListener('online', this.#now);
    document.removeEventListener('visibilitychange', this.#now);
    this.#drop();
  }

  /** Tries at once what was to be tried later. */
  #now = (): void => {
    // A frame that was asked for does not come while nobody looks.
    if (this.#drawing && document.visibilityState === 'hidden') setTimeout(this.#flush, 1000);
    if (this.#again === undefined || document.visibilityState === 'hidden') return;
    this.#wait = FIRST_WAIT;
    this.#connect();
  };

  #connect(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    const resume = this.#epoch > 0 ? `?epoch=${this.#epoch}&after=${this.#seq}` : '';
    const socket = new WebSocket(this.url + resume);
    this.#socket = socket;
    let spoke = false;
    socket.onmessage = (event: MessageEvent<string>) => {
      spoke = true;
      this.#take(JSON.parse(event.data) as Message);
    };
    socket.onclose = (event: CloseEvent) => {
      if (socket !== this.#socket) return;
      if (event.code === SIGNED_OUT) {
        this.stop();
        return this.listener.signedOut();
      }
      if (event.code === TAKEN_OVER) {
        this.stop();
        return this.listener.takenOver(event.reason);
      }
      if (event.code === ROLE_CHANGED) this.#epoch = 0;
      if (!spoke || event.code === ROLE_CHANGED) this.listener.doubt();
      this.#later();
    };
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(GOING_AWAY);
  }

  #later(): void {
    this.#drop();
    if (this.#stopped) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#connect(), this.#wait * (0.7 + Math.random() * 0.6));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      desk.setState({ connection: 'lost' });
      if (this.#again === undefined) this.#later();
      this.#listen();
    }, SILENCE);
  }

  #take(message: Message): void {
    this.#listen();
    const begins = message.type === 'snapshot';
    if (!begins && (message.prev !== this.#seq || (this.#epoch > 0 && message.epoch !== this.#epoch))) {
      // Something is missing between the last message and this one: ask for it.
      this.#wait = FIRST_WAIT;
      return this.#later();
    }
    if (begins) {
      this.#epoch = message.epoch;
      this.#wait = FIRST_WAIT;
    }
    if (message.seq !== undefined) this.#seq = message.seq;
    this.#buffer.push(message);
    this.#draw();
  }

  /** Once a frame, once a second where nobody looks: a busy day must not draw two hundred times a second. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    if (document.visibilityState === 'hidden') setTimeout(this.#flush, 1000);
    else requestAnimationFrame(this.#flush);
  }

  #flush = (): void => {
    this.#drawing = false;
    const messages = this.#buffer;
    this.#buffer = [];
    if (this.#stopped || messages.length === 0) return;
    const now = Date.now();
    const stale = new Set<Stale>();
    let next: Desk = { ...desk.getState(), heard: now };
    for (const message of messages) {
      const applied = apply(next, message, now);
      next = applied.desk;
      applied.stale.forEach((what) => stale.add(what));
      if (message.type === 'call.saved') this.listener.saved?.(message.data.call);
      if (message.type === 'snapshot') next = { ...next, connection: 'live' };
    }
    // A heartbeat after a silence that did not break the socket.
    if (next.connection === 'lost' && this.#again === undefined) next = { ...next, connection: 'live' };
    desk.setState(next, true);
    if (stale.size > 0) this.listener.stale([...stale]);
  };
}
