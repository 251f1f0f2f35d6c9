import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { packages } from './packages.ts';
import { widgetRuntime } from './widgetRuntime.ts';

// The host serves this page with `default-src 'self'; style-src 'self'`, so nothing may be inlined:
// no data: URIs, no inline script, no style element.
export default defineConfig(async ({ mode }) => ({
  resolve: packages,
  plugins: [react(), widgetRuntime(), compressed(), ...(mode === 'mock' ? [(await import('./dev/mockHost.ts')).mockHost()] : [])],
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
        : { '/api': { target: hostAddress(), ws: true }, '/health': hostAddress(), '/metrics': hostAddress(), '/widgets/frame': hostAddress() },
  },
}));

/** The URL of the host for `npm run dev`. */
function hostAddress(): string {
  return `http://127.0.0.1:${process.env.ESTREAM_HTTP_PORT ?? '5080'}`;
}

/** Writes a Brotli and a gzip file next to each built file, which the host serves to browsers that accept them. */
function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: (config) => {
      folder = path.resolve(config.root, config.build.outDir);
    },
    closeBundle: () => {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const file = path.join(entry.parentPath, entry.name);
        if (entry.isFile() && /\.(js|css|html|svg|json)$/.test(file)) {
          const content = readFileSync(file);
          writeFileSync(`${file}.br`, brotliCompressSync(content));
          writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
        }
      }
    },
  };
}
