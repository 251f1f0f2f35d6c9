import { defineConfig } from 'vitest/config';

// The limit ends a test that hangs; it does not judge how fast the machine is.
export default defineConfig({ test: { include: ['test/**/*.test.{ts,tsx}'], environment: 'node', testTimeout: 120_000 } });
