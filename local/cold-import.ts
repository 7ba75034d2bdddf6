import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Stands in for the worker of the Functions host: supplies its module, loads the folder and tells how long that took. */
const worker = `
  const Module = require('node:module');
  const nothing = () => undefined;
  const core = { setProgrammingModel: nothing, registerHook: nothing, registerFunction: nothing, log: nothing };
  const load = Module.prototype.require;
  Module.prototype.require = function (id) { return id === '@azure/functions-core' ? core : load.call(this, id); };
  const started = performance.now();
  require(process.argv[1]);
  console.log(performance.now() - started);
`;

/** How many milliseconds it takes to import a package's entry, each time in a process of its own that has no settings. */
export async function coldImportMs(folder: string, runs = 5): Promise<number[]> {
  const took: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', worker, folder], { cwd: '/', env: {} });
    took.push(Number(stdout));
  }
  return took;
}
