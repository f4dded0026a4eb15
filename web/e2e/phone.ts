import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './server';

const MODULES = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules'].find(existsSync) ?? '';

interface News {
  event?: boolean;
  type?: string;
}

/** A port nobody has. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** One second of a tone at 8 kHz, over and over: what the phone says. */
export function tone(hz: number, seconds: number): Buffer {
  const frames = 8000 * seconds;
  const wav = Buffer.alloc(44 + frames * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + frames * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(16000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(frames * 2, 40);
  for (let index = 0; index < frames; index += 1) wav.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * hz * index) / 8000)), 44 + index * 2);
  return wav;
}

/** How much of some sound at 8 kHz is this tone, of full scale. */
function share(sound: Int16Array, hz: number): number {
  let [sine, cosine] = [0, 0];
  sound.forEach((sample, at) => {
    sine += sample * Math.sin((2 * Math.PI * hz * at) / 8000);
    cosine += sample * Math.cos((2 * Math.PI * hz * at) / 8000);
  });
  return (2 * Math.hypot(sine, cosine)) / sound.length / 32_768;
}

/** A real telephone: baresip, driven by its control connection (JSON in netstrings). */
export class Phone {
  #news: News[] = [];
  #forgotten = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly control: Socket,
  ) {
    let pending = '';
    control.on('data', (chunk: Buffer) => {
      pending += chunk.toString('latin1');
      for (let head = /^(\d+):/.exec(pending); head?.[1] && pending.length > head[0].length + Number(head[1]); head = /^(\d+):/.exec(pending)) {
        const end = head[0].length + Number(head[1]);
        this.#news.push(JSON.parse(pending.slice(head[0].length, end)) as News);
        pending = pending.slice(end + 1);
      }
    });
  }

  /** Starts it and waits until it is registered. A port that was free may be taken before it listens: then it is tried with others. */
  static async register(name: string, server: string, hz = 440): Promise<Phone> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await Phone.#start(name, server, hz);
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
  }

  static async #start(name: string, server: string, hz: number): Promise<Phone> {
    const folder = mkdtempSync(join(tmpdir(), `baresip-${name}-`));
    const [sip, port, rtp] = [await freePort(), await freePort(), await freePort()];
    writeFileSync(join(folder, 'says.wav'), tone(hz, 60));
    writeFileSync(
      join(folder, 'config'),
      `poll_method epoll\nsip_listen 127.0.0.1:${sip}\nnet_interface 127.0.0.1\nrtp_ports ${rtp - (rtp % 2)}-${rtp - (rtp % 2) + 9}\nmodule_path ${MODULES}\n` +
        'module g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\nmodule_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n' +
        `snd_path ${folder}\nctrl_tcp_listen 127.0.0.1:${port}\naudio_player aubridge,nil\naudio_source aufile,${join(folder, 'says.wav')}\n`,
    );
    writeFileSync(join(folder, 'accounts'), `<sip:${name}@${server};transport=udp>;auth_user=${name};auth_pass=phone-${name};regint=600;answermode=manual\n`);
    writeFileSync(join(folder, 'contacts'), '');
    const child = spawn('baresip', ['-4', '-f', folder], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (text: Buffer) => (said += text.toString());
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    try {
      const control = await until('the control port of baresip', () => {
        if (child.exitCode !== null) throw new Error(`baresip ended:\n${said}`);
        return new Promise<Socket | undefined>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket));
          socket.once('error', () => resolve(undefined));
        });
      }, 10_000);
      const phone = new Phone(child, folder, control);
      await until(`the registration of ${name}`, () => (/200 OK|binding/.test(said) || undefined));
      return phone;
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  dial(uri: string): void {
    this.#command('dial', uri);
  }

  answer(): void {
    this.#command('accept');
  }

  hangUp(): void {
    this.#command('hangup');
  }

  /** Waits for the next event of a kind; those before are forgotten. */
  async next(type: string): Promise<void> {
    await until(`${type} at the phone`, () => {
      const at = this.#news.findIndex((news) => news.type === type);
      if (at < 0) return undefined;
      this.#news.splice(0, at + 1);
      return true;
    }, 40_000);
  }

  /** What was heard so far counts no more. */
  forget(): void {
    this.#forgotten = this.#sound().length;
  }

  /** Waits until the last 0.4 s of what it heard are a tone. */
  async hears(hz: number): Promise<void> {
    await until(`${hz} Hz at the phone`, () => {
      const sound = this.#sound().subarray(this.#forgotten).subarray(-3200);
      return sound.length === 3200 && share(sound, hz) > 0.1 ? true : undefined;
    });
  }

  /** All it has decoded of its newest call, 8 kHz. */
  #sound(): Int16Array {
    const [newest] = readdirSync(this.folder).filter((name) => name.endsWith('-dec.wav')).sort().reverse();
    if (!newest) return new Int16Array();
    const bytes = readFileSync(join(this.folder, newest)).subarray(44);
    return new Int16Array(new Uint8Array(bytes.subarray(0, bytes.length & ~1)).buffer);
  }

  async stop(): Promise<void> {
    this.control.destroy();
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command(command: string, params = ''): void {
    const order = JSON.stringify({ command, params });
    this.control.write(`${Buffer.byteLength(order)}:${order},`);
  }
}
