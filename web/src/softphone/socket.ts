import type { Socket } from 'jssip';

/** How often the server is asked whether it is there, milliseconds. */
const PING = 5000;
/** A connection on which so many questions in a row were not answered is dead, whatever the system believes. */
const UNANSWERED = 2;

/** SIP's WebSocket (RFC 7118), as JsSIP wants a socket, that proves itself anew for each connection and notices when nobody is there. */
export class SipSocket implements Socket {
  readonly via_transport: string;
  readonly sip_uri: string;
  onconnect: () => void = () => undefined;
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => undefined;
  ondata: (data: unknown) => void = () => undefined;

  #ws: WebSocket | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  /** Counts connections: what comes of an earlier one is nobody's. */
  #turn = 0;

  constructor(
    readonly url: string,
    /** Comes before each connection. */
    private readonly prepare: () => Promise<void>,
  ) {
    const { host, protocol } = new URL(url);
    this.via_transport = protocol === 'wss:' ? 'WSS' : 'WS';
    this.sip_uri = `sip:${host};transport=ws`;
  }

  connect(): void {
    const turn = ++this.#turn;
    this.prepare().then(
      () => turn === this.#turn && this.#open(turn),
      () => turn === this.#turn && this.ondisconnect(true),
    );
  }

  disconnect(): void {
    this.#turn += 1;
    this.#close();
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    if (this.#ws?.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(message as string);
    return true;
  }

  isConnected(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.#ws?.readyState === WebSocket.CONNECTING;
  }

  #open(turn: number): void {
    const ws = new WebSocket(this.url, 'sip');
    this.#ws = ws;
    ws.onopen = () => {
      this.#unanswered = 0;
      this.#pings = setInterval(() => this.#ping(turn), PING);
      this.onconnect();
    };
    ws.onmessage = ({ data }) => {
      this.#unanswered = 0;
      this.ondata(data);
    };
    ws.onclose = ({ code, reason }) => this.#lost(turn, code, reason);
  }

  #ping(turn: number): void {
    // Counted in questions, not in time: a page that was asleep asks first.
    if (this.#unanswered >= UNANSWERED) return this.#lost(turn, 1006, 'nobody answers');
    this.#unanswered += 1;
    this.send('\r\n\r\n');
  }

  #lost(turn: number, code: number, reason: string): void {
    if (turn !== this.#turn) return;
    this.#turn += 1;
    this.#close();
    this.ondisconnect(true, code, reason);
  }

  #close(): void {
    clearInterval(this.#pings);
    if (!this.#ws) return;
    this.#ws.onopen = this.#ws.onmessage = this.#ws.onclose = null;
    this.#ws.close();
    this.#ws = undefined;
  }
}
