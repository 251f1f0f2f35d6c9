import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The host serves this page with `default-src 'self'; style-src 'self'`, so nothing may be inlined:
// no data: URIs, no inline script, no style element.
export default defineConfig(async ({ mode }) => ({
  plugins: [react(), ...(mode === 'mock' ? [(await import('./dev/mockHost.ts')).mockHost()] : [])],
  build: {
    outDir: '../src/Estream.Host/wwwroot',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    proxy:
      mode === 'mock'
        ? {}
        : { '/api': hostAddress(), '/health': hostAddress(), '/metrics': hostAddress() },
  },
}));

/** The URL of the host for `npm run dev`. */
function hostAddress(): string {
  return `http://127.0.0.1:${process.env.ESTREAM_HTTP_PORT ?? '5080'}`;
}
