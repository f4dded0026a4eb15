import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './server';
import { Ears, samples, tone } from './sound';

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

/** A real telephone: baresip, driven by its control connection (JSON in netstrings). */
export class Phone extends Ears {
  #news: News[] = [];

  private constructor(
    name: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly control: Socket,
  ) {
    super(name);
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

  /** Starts it and waits until it is registered. */
  static async register(name: string, server: string, hz = 440, seconds = 180): Promise<Phone> {
    const account = `<sip:${name}@${server};transport=udp>;auth_user=${name};auth_pass=phone-${name};regint=600`;
    return Phone.#persistently(name, account, hz, seconds, undefined, /200 OK|binding/);
  }

  /** Starts one that tries to register with the password it always had, and is refused. */
  static async tries(name: string, server: string): Promise<Phone> {
    const account = `<sip:${name}@${server};transport=udp>;auth_user=${name};auth_pass=phone-${name};regint=600`;
    return Phone.#persistently(name, account, 440, 1, undefined, /403|Forbidden/);
  }

  /** Starts one that does not register: the far end of a trunk, at a port of its own. */
  static async peer(number: string, port: number, hz: number, seconds = 180): Promise<Phone> {
    return Phone.#persistently(number, `<sip:${number}@127.0.0.1>;regint=0`, hz, seconds, port, /baresip is ready|ready/);
  }

  /** A port that was free may be taken before it listens: then it is tried with others. */
  static async #persistently(...how: Parameters<typeof Phone.start>): Promise<Phone> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await Phone.start(...how);
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
  }

  private static async start(name: string, account: string, hz: number, seconds: number, at: number | undefined, isReady: RegExp): Promise<Phone> {
    const folder = mkdtempSync(join(tmpdir(), `baresip-${name}-`));
    const [sip, port, rtp] = [at ?? (await freePort()), await freePort(), await freePort()];
    writeFileSync(join(folder, 'says.wav'), tone(hz, seconds));
    writeFileSync(
      join(folder, 'config'),
      `poll_method epoll\nsip_listen 127.0.0.1:${sip}\nnet_interface 127.0.0.1\nrtp_ports ${rtp - (rtp % 2)}-${rtp - (rtp % 2) + 9}\nmodule_path ${MODULES}\n` +
        'module g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\nmodule_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n' +
        `snd_path ${folder}\nctrl_tcp_listen 127.0.0.1:${port}\naudio_player aubridge,nil\naudio_source aufile,${join(folder, 'says.wav')}\n`,
    );
    writeFileSync(join(folder, 'accounts'), `${account};answermode=manual\n`);
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
      const phone = new Phone(name, child, folder, control);
      await until(`${name} being ready`, () => isReady.test(said) || undefined);
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

  /** Presses a key, told by RFC 4733. */
  press(key: string): void {
    this.#command('sndcode', key);
  }

  rings(): Promise<void> {
    return this.next('CALL_INCOMING');
  }

  /** Waits until the other side presses a key. */
  isPressed(): Promise<void> {
    return this.next('CALL_DTMF_START');
  }

  isOver(): Promise<void> {
    return this.next('CALL_CLOSED');
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

  protected heard(): { call: string; sound: Int16Array } {
    const call = readdirSync(this.folder).filter((name) => name.endsWith('-dec.wav')).sort().at(-1) ?? '';
    return { call, sound: call ? samples(readFileSync(join(this.folder, call))) : new Int16Array() };
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
