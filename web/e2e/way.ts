import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer, type AddressInfo, type Server as Listener, type Socket as Stream } from 'node:net';

import type { Page } from '@playwright/test';

const HERE = '127.0.0.1';

declare global {
  interface Window {
    wayTo: (port: number) => Promise<number>;
  }
}

/** The way of a page's audio to the server, through ports of the test's, where it can be cut as a network is. */
export class Way {
  #ports = new Map<number, Promise<number>>();
  #sockets: Socket[] = [];
  #isCut = false;

  /** Leads the audio of a page that is opened hereafter through here. */
  static async of(page: Page): Promise<Way> {
    const way = new Way();
    await page.exposeFunction('wayTo', (port: number) => way.#to(port));
    await page.addInitScript(() => {
      const set = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
        let sdp = description?.sdp ?? '';
        for (const [line, head, port, tail] of sdp.matchAll(/^(a=candidate:\S+ \d+ udp \d+ 127\.0\.0\.1 )(\d+)( .*)$/gim)) sdp = sdp.replace(line, `${head}${await window.wayTo(Number(port))}${tail}`);
        return (set as (description: object) => Promise<void>).call(this, { type: description?.type, sdp });
      };
    });
    return way;
  }

  /** From now on nothing gets through, or all does again. */
  cut(isCut: boolean): void {
    this.#isCut = isCut;
  }

  close(): void {
    this.#sockets.forEach((socket) => socket.close());
  }

  /** Where the page reaches a port of the server's. */
  #to(port: number): Promise<number> {
    const known = this.#ports.get(port) ?? this.#open(port);
    this.#ports.set(port, known);
    return known;
  }

  async #open(port: number): Promise<number> {
    const [front, back] = [await this.#bound(), await this.#bound()];
    // Not where we are: a browser sends from an address of the network.
    let page: { address: string; port: number } | undefined;
    front.on('message', (packet, from) => {
      page = from;
      if (!this.#isCut) back.send(packet, port, HERE);
    });
    back.on('message', (packet) => {
      if (!this.#isCut && page) front.send(packet, page.port, page.address);
    });
    return front.address().port;
  }

  async #bound(): Promise<Socket> {
    const socket = createSocket('udp4');
    this.#sockets.push(socket);
    await new Promise<void>((resolve) => socket.bind(0, HERE, resolve));
    return socket;
  }
}

/** The way of a page's requests and sockets to the server, where they can be stalled: nothing is closed, nothing gets through. */
export class Door {
  #streams = new Set<Stream>();
  #isCut = false;

  private constructor(
    private readonly listener: Listener,
    readonly url: string,
  ) {}

  static async to(url: string): Promise<Door> {
    const { hostname, port } = new URL(url);
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, HERE, resolve));
    const door = new Door(listener, `http://${HERE}:${(listener.address() as AddressInfo).port}`);
    listener.on('connection', (inner) => door.#forward(inner, connect(Number(port), hostname)));
    return door;
  }

  cut(isCut: boolean): void {
    this.#isCut = isCut;
    this.#streams.forEach((stream) => (isCut ? stream.pause() : stream.resume()));
  }

  close(): void {
    this.#streams.forEach((stream) => stream.destroy());
    this.listener.close();
  }

  #forward(inner: Stream, outer: Stream): void {
    for (const [from, to] of [[inner, outer], [outer, inner]] as const) {
      this.#streams.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('close', () => {
        this.#streams.delete(from);
        to.destroy();
      });
      from.on('error', () => to.destroy());
      if (this.#isCut) from.pause();
    }
  }
}
