import JsSIP from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent, UA } from 'jssip/lib/UA';

/** What a phone in a page is told. */
export interface Line {
  /** Address of the server, `127.0.0.1:8080`. */
  server: string;
  name: string;
  /** The tone it says. */
  hz: number;
  /** The only codec it offers and takes beside telephone-event; every one of the browser's without. */
  codec?: string;
}

/** A telephone in a page: the browser's own WebRTC, and JsSIP to signal. It says a tone and listens for one. */
export class BrowserPhone {
  readonly news: string[] = [];
  #ua: UA;
  #session: RTCSession | undefined;
  #keyHeard = false;
  #context = new AudioContext();
  #says = this.#context.createMediaStreamDestination();
  #ear = this.#context.createAnalyser();

  constructor(private readonly line: Line) {
    const oscillator = this.#context.createOscillator();
    oscillator.frequency.value = line.hz;
    const level = this.#context.createGain();
    level.gain.value = 0.4;
    oscillator.connect(level).connect(this.#says);
    oscillator.start();
    this.#ear.fftSize = 8192;
    this.#ear.smoothingTimeConstant = 0;
    const host = line.server.replace(/:\d+$/, '');
    this.#ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(`ws://${line.server}/sip`)],
      uri: `sip:${line.name}@${host}`,
      password: `phone-${line.name}`,
      register: true,
    });
    this.#ua.on('registered', () => this.news.push('registered'));
    this.#ua.on('registrationFailed', () => this.news.push('refused'));
    this.#ua.on('newRTCSession', (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) => this.#began(event));
    this.#ua.start();
  }

  /** Dials. */
  call(number: string): void {
    this.#ua.call(number, { mediaStream: this.#says.stream });
  }

  /** Answers what rings. */
  answer(): void {
    this.#session?.answer({ mediaStream: this.#says.stream });
  }

  hangUp(): void {
    this.#session?.terminate();
  }

  /** Presses a key, told by RFC 4733. */
  press(digit: string): void {
    this.#session?.sendDTMF(digit, { transportType: 'RFC2833' as never, duration: 160 });
  }

  /** Begins ICE anew by a re-INVITE; whether that was agreed. */
  restart(): Promise<boolean> {
    return new Promise((resolve) => {
      const began = this.#session?.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, () => resolve(true));
      if (!began) resolve(false);
    });
  }

  /** The credentials of ICE that the other side named last. */
  theirIce(): string {
    return /a=ice-ufrag:(\S+)/.exec(this.#peer()?.remoteDescription?.sdp ?? '')?.[1] ?? '';
  }

  /** The loudest of what is heard now: its frequency, and how loud it is, in dB of full scale. */
  hears(): { hz: number; db: number } {
    const levels = new Float32Array(this.#ear.frequencyBinCount);
    this.#ear.getFloatFrequencyData(levels);
    const loudest = levels.reduce((best, level, at) => (level > (levels[best] ?? -Infinity) ? at : best), 0);
    return { hz: (loudest * this.#context.sampleRate) / this.#ear.fftSize, db: levels[loudest] ?? -Infinity };
  }

  /** How loud one frequency is. */
  level(hz: number): number {
    const levels = new Float32Array(this.#ear.frequencyBinCount);
    this.#ear.getFloatFrequencyData(levels);
    const at = Math.round((hz * this.#ear.fftSize) / this.#context.sampleRate);
    return Math.max(...levels.slice(at - 2, at + 3));
  }

  /** Notes from now on whether the two tones of key 5 are heard at once: they are short, and whoever asks over a connection may miss them. */
  listenForKey(): void {
    this.#keyHeard = false;
    const look = () => {
      this.#keyHeard ||= this.level(770) > -45 && this.level(1336) > -45;
      if (!this.#keyHeard) setTimeout(look, 20);
    };
    look();
  }

  heardKey(): boolean {
    return this.#keyHeard;
  }

  /** Where the other side's audio comes from. */
  async theirAddress(): Promise<string> {
    let address = '';
    (await this.#peer()?.getStats())?.forEach((report: { type: string; address?: string }) => {
      if (report.type === 'remote-candidate') address = report.address ?? '';
    });
    return address;
  }

  /** The codec in use, and how packets are sealed. */
  async agreed(): Promise<{ codec: string; says: string; cipher: string }> {
    let [codec, says, cipher] = ['', '', ''];
    (await this.#peer()?.getStats())?.forEach((report: { type: string; mimeType?: string; srtpCipher?: string; kind?: string; codecId?: string }, _key, all) => {
      const named = () => (all.get(report.codecId ?? '') as { mimeType?: string } | undefined)?.mimeType ?? '';
      if (report.type === 'inbound-rtp') codec = named();
      if (report.type === 'outbound-rtp') says = named();
      if (report.type === 'transport') cipher = report.srtpCipher ?? '';
    });
    return { codec, says, cipher };
  }

  #peer(): RTCPeerConnection | undefined {
    return this.#session?.connection as RTCPeerConnection | undefined;
  }

  #began({ session, originator }: IncomingRTCSessionEvent | OutgoingRTCSessionEvent): void {
    this.#session = session;
    if (originator === ('remote' as never)) this.news.push('rings');
    session.on('confirmed', () => this.news.push('talks'));
    session.on('ended', () => this.news.push('over'));
    session.on('failed', (event: { cause: string }) => this.news.push(`failed: ${event.cause}`));
    // Candidates of this machine are there at once; nothing else is waited for.
    session.on('icecandidate', (event: { ready: () => void }) => event.ready());
    session.on('sdp', (event: { originator: string; type: string; sdp: string }) => {
      // An answer it has made is what the browser speaks by: of an offer that comes it is shown no other codec.
      const isSeen = event.originator === 'local' || event.type === 'offer';
      if (isSeen && this.line.codec) event.sdp = only(event.sdp, this.line.codec);
    });
    const listen = (peer: RTCPeerConnection) => peer.addEventListener('track', ({ track }) => this.#listen(new MediaStream([track])));
    if (session.connection) listen(session.connection as RTCPeerConnection);
    else session.on('peerconnection', (event: { peerconnection: unknown }) => listen(event.peerconnection as RTCPeerConnection));
  }

  #listen(stream: MediaStream): void {
    // Chromium decodes a remote track only where an element plays it.
    const element = new Audio();
    element.srcObject = stream;
    element.muted = true;
    void element.play();
    this.#context.createMediaStreamSource(stream).connect(this.#ear);
    void this.#context.resume();
  }
}

/** Leaves of a description's codecs only one, and telephone-event. */
function only(sdp: string, codec: string): string {
  const maps = [...sdp.matchAll(/^a=rtpmap:(\d+) ([^/\r\n]+)\/(\d+)/gm)].map(([, type, name]) => ({ type: type ?? '', name: (name ?? '').toLowerCase() }));
  const gone = maps.filter(({ name }) => name !== codec.toLowerCase() && name !== 'telephone-event').map(({ type }) => type);
  const lines = sdp.split('\r\n').filter((line) => !gone.some((type) => new RegExp(`^a=(rtpmap|fmtp|rtcp-fb):${type} `).test(line)));
  return lines.map((line) => (line.startsWith('m=audio') ? line.split(' ').filter((word, at) => at < 3 || !gone.includes(word)).join(' ') : line)).join('\r\n');
}
