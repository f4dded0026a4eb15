import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { until } from './server';
import { Ears, samples, tone } from './sound';

const PEER = resolve(import.meta.dirname, '../../tests/peers/pjsip');

/** PJSIP, driven by lines: it does what it is ordered and tells what happens (`tests/peers/pjsip/phone.py`). */
export class Softphone extends Ears {
  #said = '';
  #taken = 0;

  private constructor(
    name: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    super(name);
    child.stdout?.on('data', (text: Buffer) => (this.#said += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (this.#said += text.toString()));
  }

  /** Starts it and waits until it is registered. It says a tone for ten minutes. */
  static async register(name: string, server: string, hz: number): Promise<Softphone> {
    const folder = mkdtempSync(join(tmpdir(), `pjsip-${name}-`));
    writeFileSync(join(folder, 'says.wav'), tone(hz, 600));
    const args = [join(PEER, 'phone.py'), name, `phone-${name}`, server, 'udp', '127.0.0.1', folder];
    const phone = new Softphone(name, folder, spawn(join(PEER, '.venv/bin/python'), args, { stdio: ['pipe', 'pipe', 'pipe'] }));
    await phone.tells('registered');
    return phone;
  }

  order(order: 'answer' | 'hangup' | 'hold' | 'resume' | `dial ${string}` | `press ${string}`): void {
    this.child.stdin?.write(`${order}\n`);
  }

  dial(uri: string): void {
    this.order(`dial ${uri}`);
  }

  answer(): void {
    this.order('answer');
  }

  hangUp(): void {
    this.order('hangup');
  }

  /** Presses a key, told by RFC 4733. */
  press(key: string): void {
    this.order(`press ${key}`);
  }

  rings(): Promise<void> {
    return this.tells('incoming');
  }

  /** Waits until the other side presses a key. */
  isPressed(): Promise<void> {
    return this.tells('pressed');
  }

  isOver(): Promise<void> {
    return this.tells('over');
  }

  /** Waits for the next time it tells something. */
  async tells(what: string): Promise<void> {
    await until(`${what} at ${this.name}; it said:\n${this.#said}`, () => {
      const at = this.#said.indexOf(`= ${what}`, this.#taken);
      if (at < 0) return undefined;
      this.#taken = at + what.length;
      return true;
    }, 40_000);
  }

  protected heard(): { call: string; sound: Int16Array } {
    const call = readdirSync(this.folder).filter((name) => name.startsWith('hears-')).sort().at(-1) ?? '';
    return { call, sound: call ? samples(readFileSync(join(this.folder, call))) : new Int16Array() };
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
