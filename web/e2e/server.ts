import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const BINARY = process.env.CARILLON_BINARY ?? join(ROOT, 'target/debug/carillon');

/** Waits until something is there. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, patience = 20_000): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} never came`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The real server with the demo's people, on ports of its own. */
export class Server {
  private constructor(
    readonly url: string,
    readonly sip: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** On ports of 127.0.0.1 that the system chooses, unless `more` names addresses. */
  static async start(day: string, ...more: string[]): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), `carillon-${day}-`));
    const ready = join(folder, 'ready.json');
    const at = more.includes('--sip') ? [] : ['--http', '127.0.0.1:0', '--sip', '127.0.0.1:0'];
    const args = ['demo', ...at, '--data', folder, '--ready-file', ready, ...more];
    const child = spawn(BINARY, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    const bound = await until('the server', () => {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${said}`);
      return existsSync(ready) ? (JSON.parse(readFileSync(ready, 'utf8')) as { http: string; sip_udp: string[] }) : undefined;
    });
    return new Server(`http://${bound.http}`, bound.sip_udp[0] ?? '', child, folder);
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
