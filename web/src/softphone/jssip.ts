import JsSIP from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent, UA } from 'jssip/lib/UA';

import { openMicrophone, route } from './devices';
import { Meter } from './microphone';
import type { Phone, PhoneEvent, PhoneOrder } from './phone';
import { counters, EVERY, SoundWatch } from './quality';
import { SipSocket } from './socket';

/** What lets a page register: the phone it is, and a proof that is good for one connection. */
export interface Proof {
  phone: string;
  token: string;
  /** Servers that carry audio where nothing else gets through. */
  ice_servers: RTCIceServer[];
}

/** How long a way may be broken before another is looked for, milliseconds. */
const BROKEN = 2000;
/** How long after a microphone that cannot be opened, or a registration that is refused, it is tried again, and at most, milliseconds. */
const AGAIN = 2000;
const AGAIN_MOST = 30_000;
/** How long a key sounds, milliseconds. */
const KEY_LASTS = 160;
/** How often the microphone is listened to during a call. */
const LISTENS = 250;

/** The phone by JsSIP. It has one kind of leg: the server rings it, it answers, says and hears; all else the server does. */
export class JsSipPhone implements Phone {
  #ua: UA | undefined;
  #socket: SipSocket | undefined;
  #line: Line | undefined;
  #ice: RTCIceServer[] = [];
  #over = false;
  /** How often in a row it came to nothing. */
  #vain = 0;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly server: string,
    private readonly proof: () => Promise<Proof>,
    private readonly tell: (event: PhoneEvent) => void,
  ) {}

  start(): void {
    navigator.mediaDevices.addEventListener('devicechange', this.#devicesChanged);
    addEventListener('online', this.#wayChanged);
    void this.#begin();
  }

  order(order: PhoneOrder): void {
    if (order.type === 'answer') void this.#line?.answer();
    if (order.type === 'mute') this.#line?.mute(order.muted);
    if (order.type === 'press') this.#line?.press(order.key);
    if (order.type === 'devices') this.#devicesChanged();
  }

  abandon(): void {
    this.#end();
    this.#socket?.disconnect();
    this.#line?.drop();
  }

  stop(): void {
    this.#end();
    this.#ua?.stop();
    this.#line?.drop();
    this.tell({ type: 'stopped' });
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#later);
    navigator.mediaDevices.removeEventListener('devicechange', this.#devicesChanged);
    removeEventListener('online', this.#wayChanged);
  }

  readonly #devicesChanged = () => {
    this.#vain = 0;
    void this.#line?.devices();
    if (!this.#ua) void this.#begin();
    else if (!this.#line) void this.#withoutMicrophone();
  };

  /** Whoever cannot speak any more is offered no calls: the phone signs off until a microphone is there again. */
  async #withoutMicrophone(): Promise<void> {
    const there = await navigator.mediaDevices.enumerateDevices();
    if (this.#line || !this.#ua || there.some(({ kind }) => kind === 'audioinput')) return;
    const ua = this.#ua;
    this.#ua = undefined;
    ua.stop();
    this.tell({ type: 'stopped' });
    this.tell({ type: 'microphone', microphone: 'missing' });
  }

  readonly #wayChanged = () => this.#line?.restartIce();

  /** Registers once there is a microphone: whoever cannot speak is offered no calls. */
  async #begin(): Promise<void> {
    try {
      const stream = await openMicrophone();
      stream.getTracks().forEach((track) => track.stop());
      this.tell({ type: 'microphone', microphone: 'ready' });
    } catch (error) {
      const blocked = error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'SecurityError');
      this.tell({ type: 'microphone', microphone: blocked ? 'blocked' : 'missing' });
      // Another program may have it, or the system was slow to start it: no event tells when that is over. Who said no is not asked again.
      if (!blocked) this.#again(() => (this.#ua ? Promise.resolve() : this.#begin()));
      return;
    }
    if (this.#over || this.#ua) return;
    this.tell({ type: 'connecting' });
    try {
      this.#register(await this.proof());
    } catch {
      this.tell({ type: 'refused' });
      this.#again(() => this.#begin());
    }
  }

  /** Tries once more, each time later. */
  #again(what: () => Promise<void>): void {
    clearTimeout(this.#later);
    if (this.#over) return;
    this.#later = setTimeout(() => void what(), Math.min(AGAIN * 2 ** this.#vain, AGAIN_MOST));
    this.#vain += 1;
  }

  /** Registers by a new proof on the connection there is; one that was lost registers by itself. */
  async #registerAnew(ua: JsSIP.UA): Promise<void> {
    try {
      const { token } = await this.proof();
      if (this.#over || this.#ua !== ua || !ua.isConnected()) return;
      ua.set('authorization_jwt', `Bearer ${token}`);
      ua.register();
    } catch {
      this.#again(() => this.#registerAnew(ua));
    }
  }

  #register(first: Proof): void {
    if (this.#over || this.#ua) return;
    let given: Proof | undefined = first;
    this.#socket = new SipSocket(this.server, async () => {
      const { token, ice_servers } = given ?? (await this.proof());
      given = undefined;
      this.#ice = ice_servers;
      this.#ua?.set('authorization_jwt', `Bearer ${token}`);
    });
    const ua = new JsSIP.UA({
      sockets: [this.#socket],
      uri: `sip:${first.phone}@${new URL(this.server).hostname}`,
      authorization_jwt: `Bearer ${first.token}`,
      instance_id: instance(),
      session_timers: false,
      register_expires: 300,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: 'Carillon page',
    });
    this.#ua = ua;
    // One that was signed off says no more of the phone.
    const tell = (event: PhoneEvent) => this.#ua === ua && this.tell(event);
    ua.on('connecting', () => tell({ type: 'connecting' }));
    ua.on('registered', () => {
      this.#vain = 0;
      clearTimeout(this.#later);
      tell({ type: 'registered' });
    });
    ua.on('disconnected', () => tell({ type: 'lost' }));
    ua.on('registrationFailed', () => {
      if (!ua.isConnected()) return tell({ type: 'lost' });
      tell({ type: 'refused' });
      if (this.#ua === ua) this.#again(() => this.#registerAnew(ua));
    });
    ua.on('newRTCSession', (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) => this.#invited(event));
    ua.start();
  }

  #invited({ session, request }: IncomingRTCSessionEvent | OutgoingRTCSessionEvent): void {
    const header = (name: string) => (request as { getHeader(name: string): string | undefined }).getHeader(name);
    const returns = header('X-Carillon-Resume') !== undefined;
    // The server gave up the leg that this one stands for.
    if (returns) this.#line?.drop();
    if (this.#line) return session.terminate({ status_code: 486 });
    const { display_name: name, uri } = session.remote_identity as { display_name?: string; uri: { user: string } };
    const byItself = returns || header('Answer-Mode') === 'Auto';
    const line = new Line(session, this.#ice, (event) => {
      if (event.type === 'over' && this.#line === line) this.#line = undefined;
      this.tell(event);
    });
    this.#line = line;
    this.tell({ type: 'rings', id: session.id, from: name || uri.user, byItself });
    if (byItself) void line.answer();
  }
}

/** This browser as a device (RFC 5626): the same one after the page is loaded anew. */
function instance(): string {
  const key = 'carillon.phone';
  const kept = localStorage.getItem(key) ?? crypto.randomUUID();
  localStorage.setItem(key, kept);
  return kept;
}

/** One call of the phone, from its ringing to its end. */
class Line {
  #stream: MediaStream | undefined;
  #meter: Meter | undefined;
  #element = new Audio();
  #watch = new SoundWatch();
  #muted = false;
  #level = 0;
  #timers: ReturnType<typeof setInterval>[] = [];
  #broken: ReturnType<typeof setTimeout> | undefined;
  #answering = false;
  #isOver = false;

  constructor(
    private readonly session: RTCSession,
    private readonly iceServers: RTCIceServer[],
    private readonly tell: (event: PhoneEvent) => void,
  ) {
    this.#element.dataset.phone = 'call';
    session.on('peerconnection', ({ peerconnection }) => this.#connected(peerconnection));
    // The server is where its answer says: the first candidate of ours is enough, the rest it learns from our checks.
    session.on('icecandidate', ({ ready }) => ready());
    session.on('confirmed', () => this.#confirmed());
    session.on('ended', () => this.#over());
    session.on('failed', () => this.#over());
  }

  async answer(): Promise<void> {
    if (this.#answering || !this.session.isInProgress()) return;
    this.#answering = true;
    this.tell({ type: 'answering', id: this.session.id });
    try {
      this.#stream = await openMicrophone();
    } catch {
      this.tell({ type: 'microphone', microphone: 'missing' });
      this.session.terminate({ status_code: 480 });
      return;
    }
    if (this.#isOver) return this.#free();
    this.session.answer({ mediaStream: this.#stream, pcConfig: { iceServers: this.iceServers } });
  }

  mute(muted: boolean): void {
    if (!this.session.isEstablished()) return;
    if (muted) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
    this.#muted = muted;
    this.tell({ type: 'muted', muted });
    this.#report();
  }

  /** Presses a key of the telephone: it goes as an event within the audio (RFC 4733). */
  press(key: string): void {
    // JsSIP's own way is a SIP message beside the call, and its keys stand one after the other.
    if (this.session.isEstablished()) this.session.sendDTMF(key, { transportType: 'RFC2833' as never, duration: KEY_LASTS });
  }

  /** Other devices were chosen, or came and went: the call goes on with them. */
  async devices(): Promise<void> {
    await route(this.#element, 'speaker').catch(() => undefined);
    const sender = this.#peer()?.getSenders().find(({ track }) => track?.kind === 'audio');
    if (!sender || !this.#stream) return;
    const stream = await openMicrophone().catch(() => undefined);
    if (this.#isOver) return stream?.getTracks().forEach((late) => late.stop());
    const track = stream?.getAudioTracks()[0];
    if (!stream || !track) return this.tell({ type: 'microphone', microphone: 'missing' });
    track.enabled = !this.#muted;
    await sender.replaceTrack(track);
    this.#stream.getTracks().forEach((old) => old.stop());
    this.#stream = stream;
    this.#meter?.stop();
    this.#meter = new Meter(stream);
    this.tell({ type: 'microphone', microphone: 'ready' });
  }

  /** Looks for another way to the server. */
  restartIce(): void {
    if (this.session.isEstablished() && this.session.isReadyToReOffer()) this.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  /** Ends here, whatever the server thinks. */
  drop(): void {
    this.#peer()?.close();
    this.#over();
  }

  #peer(): RTCPeerConnection | undefined {
    return this.session.connection as RTCPeerConnection | undefined;
  }

  #connected(peer: RTCPeerConnection): void {
    peer.addEventListener('track', ({ track }) => {
      this.#element.srcObject = new MediaStream([track]);
      document.body.append(this.#element);
      void route(this.#element, 'speaker').catch(() => undefined);
      void this.#element.play().catch(() => undefined);
    });
    peer.addEventListener('iceconnectionstatechange', () => {
      clearTimeout(this.#broken);
      if (peer.iceConnectionState === 'failed') this.restartIce();
      if (peer.iceConnectionState === 'disconnected') this.#broken = setTimeout(() => this.restartIce(), BROKEN);
    });
  }

  #confirmed(): void {
    this.tell({ type: 'up', id: this.session.id });
    if (this.#stream) this.#meter = new Meter(this.#stream);
    this.#timers.push(
      setInterval(() => {
        this.#level = Math.max(this.#level, this.#meter?.level ?? 0);
      }, LISTENS),
      setInterval(() => void this.#read(), EVERY),
    );
  }

  async #read(): Promise<void> {
    const report = await this.#peer()?.getStats().catch(() => undefined);
    if (!report || this.#isOver) return;
    this.#watch.read(counters(report, Date.now()));
    this.#report();
    this.#level = 0;
  }

  #report(): void {
    this.tell({ type: 'sound', quality: this.#watch.quality, warnings: this.#watch.warnings(Date.now(), this.#muted, this.#level) });
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#free();
    this.tell({ type: 'over', id: this.session.id });
  }

  #free(): void {
    this.#timers.forEach(clearInterval);
    clearTimeout(this.#broken);
    this.#meter?.stop();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#element.srcObject = null;
    this.#element.remove();
  }
}
