import path from 'node:path';
import { build, type Plugin } from 'vite';
import { packages } from './packages.ts';

const name = 'virtual:widget-runtime';
const devPath = '/@widget-runtime.js';

/**
 * `import url from 'virtual:widget-runtime'` is the address of the runtime of widgets: React and the SDK as one script.
 * The page fetches the script as text when it shows a widget of a component, and the frame of the widget runs it.
 */
export function widgetRuntime(): Plugin {
  let isBuild = false;
  return {
    name: 'widget-runtime',
    configResolved: (config) => {
      isBuild = config.command === 'build';
    },
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    async load(id) {
      if (id !== `\0${name}`) {
        return undefined;
      }
      if (!isBuild) {
        return `export default ${JSON.stringify(devPath)};`;
      }
      const file = this.emitFile({ type: 'asset', name: 'widget-runtime.js', source: await script() });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
    configureServer: (server) =>
      void server.middlewares.use(devPath, (_request, response) => {
        void script().then((text) => response.writeHead(200, { 'content-type': 'text/javascript' }).end(text));
      }),
  };
}

async function script(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: packages,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: ['chrome123', 'firefox120', 'safari17.5'],
      lib: { entry: path.resolve(import.meta.dirname, 'src/widgets/frame/runtime.ts'), formats: ['iife'], name: 'WidgetRuntime' },
    },
  });
  const [result] = [built].flat();
  if (result === undefined || !('output' in result) || result.output[0] === undefined) {
    throw new Error('The runtime of widgets was not built.');
  }
  return result.output[0].code;
}
