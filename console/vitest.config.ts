import { defineConfig } from 'vitest/config';
import { packages } from './packages.ts';
import { widgetRuntime } from './widgetRuntime.ts';

// The limit ends a test that hangs; it does not judge how fast the machine is.
export default defineConfig({ resolve: packages, plugins: [widgetRuntime()], test: { include: ['test/**/*.test.{ts,tsx}'], environment: 'node', testTimeout: 120_000 } });
