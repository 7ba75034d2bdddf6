import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { shippedPath } from '../shared/config/shipped-files';
import { functionFiles } from './load-functions';

/**
 * Bundles a functions folder into one CommonJS file: several would each carry a container of their own. The bundle finds
 * migrations and models by `shippedPath`, and the packages below in node_modules, so it lies somewhere in the project.
 */
export async function bundleFunctions(
  folder: string,
  outfile: string,
  { isPackage }: { isPackage: boolean } = { isPackage: false },
): Promise<void> {
  const entry = functionFiles(folder).map((file) => `import './${path.basename(file, '.ts')}';`);
  await build({
    stdin: { contents: entry.join('\n'), resolveDir: folder, sourcefile: 'functions.ts', loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: !isPackage,
    // Fewer bytes to fetch and to parse at a cold start; names stay, for they are what a stack tells.
    minifyWhitespace: isPackage,
    minifySyntax: isPackage,
    sourcesContent: false,
    absWorkingDir: shippedPath(),
    external,
    plugins: [withoutImages],
    logLevel: 'warning',
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
