import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, type Page } from '@playwright/test';

import { args } from '../playwright.config';
import { signIn } from './desk';
import { tone } from './sound';
import type { Server } from './server';

/** How a browser is started whose microphone hears one tone. */
export function hearing(hz: number) {
  const file = join(mkdtempSync(join(tmpdir(), 'carillon-microphone-')), 'says.wav');
  writeFileSync(file, tone(hz, 10));
  const fake = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${file}`];
  return { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...args, ...fake] };
}

/** Takes a tone for what somebody says: what cleans speech of noise would take it away. */
export async function asItIs(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wanted) => open({ audio: { ...(wanted?.audio as MediaTrackConstraints), echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  });
}

declare global {
  interface Window {
    cutSip: (cut: boolean) => void;
    /** Whether no device is there. */
    unplugged?: boolean;
  }
}

/** Lets a test cut the page's way to the server, for its phone alone, and mend it. */
export async function cuttable(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const open = new Set<WebSocket>();
    let isCut = false;
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(isCut ? String(url).replace(/\/sip$/, '/assets/nowhere') : url, protocols);
        if (String(url).endsWith('/sip')) open.add(this);
      }
    };
    window.cutSip = (cut) => {
      isCut = cut;
      if (cut) open.forEach((socket) => socket.close());
    };
  });
}

/** An agent signs in whose phone is the page; ready for calls then. */
export async function startAtPage(page: Page, server: Pick<Server, 'url'>, login = 'dario'): Promise<void> {
  await asItIs(page);
  await signIn(page, server, login);
  await expect(page.getByTestId('registration')).toContainText('Phone ready', { timeout: 45_000 });
  await expect(page.getByTestId('state')).toContainText('Ready');
}

/** Waits until a tone is the loudest of what the page's call sounds like. */
export async function pageHears(page: Page, hz: number): Promise<void> {
  await expect
    .poll(() => page.evaluate(listened, hz), { timeout: 20_000, intervals: [200] })
    .toBe('it');
}

/** In the page: the loudest frequency of its call over some tenths of a second. */
async function listened(hz: number): Promise<string> {
  const stream = document.querySelector<HTMLAudioElement>('audio[data-phone="call"]')?.srcObject as MediaStream | null | undefined;
  if (!stream) return 'no call';
  const context = new AudioContext();
  try {
    await context.resume();
    const ear = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(ear);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const levels = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(levels);
    const loudest = levels.reduce((best, level, at) => (level > (levels[best] ?? -Infinity) ? at : best), 0);
    const heard = (loudest * context.sampleRate) / ear.fftSize;
    const db = levels[loudest] ?? -Infinity;
    return Math.abs(heard - hz) < 12 && db > -40 ? 'it' : `${heard.toFixed(0)} Hz at ${db.toFixed(0)} dB`;
  } finally {
    await context.close();
  }
}
