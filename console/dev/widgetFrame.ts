import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MockFile } from './mock/widgets/catalogue.ts';

/** The document of a frame, with the headers of the host. */
export function widgetFrame(): MockFile {
  const nonce = randomBytes(16).toString('base64');
  const document = readFileSync(path.resolve(import.meta.dirname, '../../src/Estream.Host/Widgets/frame.html'), 'utf8');
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        `sandbox allow-scripts; default-src 'none'; script-src 'nonce-${nonce}' blob:; style-src 'unsafe-inline'; img-src data: blob:; ` +
        "worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
      'connection-allowlist': '()',
      'x-dns-prefetch-control': 'off',
      'cross-origin-resource-policy': 'same-origin',
      'document-isolation-policy': 'isolate-and-require-corp',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body: document.replace('NONCE', nonce),
  };
}
