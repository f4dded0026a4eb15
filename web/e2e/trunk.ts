import { spawn } from 'node:child_process';
import { join } from 'node:path';

import type { APIRequestContext } from '@playwright/test';

import { freePort } from './phone';
import type { Server } from './server';

/** What a customer does after the answer: stays until hung up on, or gives up after a while. */
export type Customer = 'calls' | 'gives-up';

/** A call from outside: SIPp at the address of trunk `lab`. */
export class TrunkCall {
  /** Settles when the call is over; false: SIPp met something it did not expect. */
  readonly over: Promise<boolean>;

  private constructor(server: string, port: number, called: string, name: string, does: Customer, private readonly child = spawn('sipp', [server, '-sf', join(import.meta.dirname, `sipp/${does}.xml`), '-key', 'name', name, '-i', '127.0.0.1', '-p', String(port), '-s', called, '-m', '1', '-nostdin', '-timeout', '90'], { stdio: 'ignore' })) {
    this.over = new Promise((resolve) => this.child.once('exit', (code) => resolve(code === 0)));
  }

  /** Gives the trunk a port of ours, so that nobody else's SIPp is in the way, and dials. */
  static async dial(server: Server, admin: APIRequestContext, called: string, name = 'Marta Villa', does: Customer = 'calls'): Promise<TrunkCall> {
    const url = `${server.url}/api/v1/trunks`;
    const { items } = (await (await admin.get(url)).json()) as { items: { id: string; name: string; port: number }[] };
    const lab = items.find((trunk) => trunk.name === 'lab')!;
    const port = await freePort();
    const saved = await admin.put(`${url}/${lab.id}`, { data: { ...lab, port } });
    if (!saved.ok()) throw new Error(`the trunk's port: ${await saved.text()}`);
    return new TrunkCall(server.sip, port, called, name, does);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.over;
  }
}
