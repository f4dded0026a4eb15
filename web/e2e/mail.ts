import { createServer, type AddressInfo, type Server as Listener } from 'node:net';

import { until } from './server';

/** A mail server that takes every letter and shows it: as much of SMTP as that needs. */
export class Post {
  #letters: string[] = [];

  private constructor(private readonly listener: Listener) {}

  static async open(): Promise<Post> {
    const listener = createServer();
    const post = new Post(listener);
    listener.on('connection', (socket) => {
      let [pending, letter, isLetter] = ['', '', false];
      socket.write('220 post.test\r\n');
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        pending += chunk.toString('utf8');
        for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
          const line = pending.slice(0, end);
          pending = pending.slice(end + 2);
          if (isLetter && line !== '.') {
            letter += `${line}\n`;
            continue;
          }
          if (isLetter) post.#letters.push(letter);
          isLetter = line === 'DATA';
          if (isLetter) letter = '';
          socket.write(isLetter ? '354 go on\r\n' : line === 'QUIT' ? '221 bye\r\n' : line.startsWith('RCPT TO:<nobody@') ? '550 there is no such person\r\n' : '250 post.test\r\n');
        }
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return post;
  }

  get address(): string {
    return `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** The next letter. */
  letter(): Promise<string> {
    return until('a letter', () => this.#letters.shift());
  }

  close(): void {
    this.listener.close();
  }
}
