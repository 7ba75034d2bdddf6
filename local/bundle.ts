import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { shippedPath } from '../shared/config/shipped-files';
import { functionFiles } from './load-functions';

/**
 * Bundles a functions folder into one CommonJS file: several would each carry a container of their own. The bundle finds
 * migrations and models by `shippedPath`, and the packages below in node_modules, so it lies somewhere in the project. Beside it lies
 * `azure-monitor.js`, which it loads where telemetry is set up.
 */
export async function bundleFunctions(
  folder: string,
  outfile: string,
  { isPackage }: { isPackage: boolean } = { isPackage: false },
): Promise<void> {
  const entry = functionFiles(folder).map((file) => `import './${path.basename(file, '.ts')}';`);
  const stdin = { contents: entry.join('\n'), resolveDir: folder, sourcefile: 'functions.ts', loader: 'ts' } as const;
  // Of what is deployed, half the bytes to read and to parse at a cold start; names stay, for they are what a stack tells.
  const options = { ...always, sourcemap: !isPackage, minifyWhitespace: isPackage, minifySyntax: isPackage };
  await build({ ...options, stdin, outfile, plugins: [withoutImages, azureMonitorApart] });
  await build({
    ...options,
    entryPoints: [shippedPath('shared', 'telemetry', 'azure-monitor.ts')],
    outfile: path.join(path.dirname(outfile), 'azure-monitor.js'),
    plugins: [azureMonitorAsCommonJs],
  });
}

const external = [
  // Supplied by the worker of the Functions host.
  '@azure/functions-core',
  // Native and wasm parts lie beside the code of these and are found from there.
  'onnxruntime-node',
  '@electric-sql/pglite',
  // Optional in `pg`, which goes on without it.
  'pg-native',
];

const always = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcesContent: false,
  absWorkingDir: shippedPath(),
  external,
  logLevel: 'warning',
} satisfies BuildOptions;

/** transformers.js loads its image library when it is loaded; texts need none, and it is native and large. */
const withoutImages: Plugin = {
  name: 'without images',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^sharp$/ }, ({ path }) => ({ path, namespace: 'without-images' }));
    onLoad({ filter: /.*/, namespace: 'without-images' }, () => ({
      contents: `module.exports = () => { throw new Error('Images are not served'); };`,
    }));
  },
};

/** What telemetry needs is as much code as all the rest, which would take a tenth of a second longer to load. */
const azureMonitorApart: Plugin = {
  name: 'azure monitor apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/azure-monitor$/ }, () => ({ path: './azure-monitor.js', external: true }));
  },
};

/** Its ES modules ask for their own address (`import.meta.url`), which a CommonJS bundle has not. */
const azureMonitorAsCommonJs: Plugin = {
  name: 'azure monitor as CommonJS',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@azure\/monitor-opentelemetry$/ }, ({ path, resolveDir, pluginData }) =>
      pluginData === 'asked' ? undefined : resolve(path, { kind: 'require-call', resolveDir, pluginData: 'asked' }),
    );
  },
};
