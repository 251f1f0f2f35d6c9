import path from 'node:path';

const source = (name: string): string => path.resolve(import.meta.dirname, '../packages', name);

/** Where the packages of this repository are. The console bundles their sources, with the React of the console. */
export const packages = {
  alias: {
    '@estream/client': source('client/src/index.ts'),
    '@estream/sdk-browser/testing': source('sdk-browser/src/testing.ts'),
    '@estream/sdk-browser': source('sdk-browser/src/index.ts'),
  },
  dedupe: ['react', 'react-dom'],
};
