import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = process.env.CARILLON ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  // JsSIP's own words for it.
  define: { global: 'globalThis' },
  build: {
    // A font inlined as data: would be refused by the page's content security policy.
    assetsInlineLimit: 0,
    target: 'es2022',
    rollupOptions: {
      // The API reference is a page of its own: none of it is in what agents load.
      input: { main: 'index.html', reference: 'reference.html' },
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            // The reference brings its own kit with @floating-ui/vue: not into what agents load.
            { name: 'mantine', test: /node_modules[\\/](@mantine[\\/]|@floating-ui[\\/](?!vue))/ },
            { name: 'tanstack', test: /node_modules[\\/]@tanstack[\\/]/ },
          ],
        },
      },
    },
  },
  server: { port: 5173, proxy: { '/api': { target: server, ws: true }, '/sip': { target: server, ws: true } } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    testTimeout: 30_000,
    reporters: ['default', './scripts/sum.mjs'],
  },
});
