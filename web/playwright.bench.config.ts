import { defineConfig } from '@playwright/test';

import usual from './playwright.config';

/** Figures that need the machine alone: `make bench` takes them of the release build. */
export default defineConfig({ ...usual, testDir: 'bench', workers: 1, timeout: 180_000, use: { ...usual.use, trace: 'off' } });
