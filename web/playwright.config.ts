import { defineConfig } from '@playwright/test';

// Debian's Chromium: no browser is downloaded, and none speaks to anything but the server under test.
export const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'];

export default defineConfig({
  testDir: 'e2e',
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000, toHaveScreenshot: { maxDiffPixelRatio: 0.005 } },
  // What README shows is what is compared.
  snapshotPathTemplate: '../docs/screens/{arg}{ext}',
  reporter: [['list'], ['./e2e/sum.ts']],
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    locale: 'en-GB',
    colorScheme: 'light',
    // Where nobody looks at what failed it would only cost a third of the time.
    trace: process.env.CI ? 'off' : 'retain-on-failure',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args },
  },
});
