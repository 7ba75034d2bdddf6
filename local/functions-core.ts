/**
 * The module `@azure/functions-core`. In Azure the worker supplies it; here this file does, with the part of it that
 * @azure/functions calls, so that the very same registrations run. What was registered is kept here.
 */

/** A function's trigger or output as @azure/functions describes it: `httpTrigger`, `timerTrigger`, `queue` and so on, with its options. */
export interface Binding extends Record<string, unknown> {
  type: string;
  name: string;
}

export type Callback = (...args: unknown[]) => unknown;

export interface Registration {
  name: string;
  trigger: Binding;
  /** What is sent on once it has returned, by what it set in its context under each one's name. */
  outputs: Binding[];
  callback: Callback;
}

interface FunctionMetadata {
  name: string;
  bindings: Record<string, Binding>;
}

type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';
type Hook = (context: object) => unknown;

export const version = '4.0.0';
export const hostVersion = '4.1000.0';

const registrations: Registration[] = [];
const hooks: { name: HookName; run: Hook }[] = [];
let programmingModel: unknown;

/** Called by `app.http`, `app.timer` and the others. Throws where a name is taken: Azure would run one of the two. */
export function registerFunction({ name, bindings }: FunctionMetadata, callback: Callback): Disposable {
  const trigger = Object.values(bindings).find((binding) => /trigger$/i.test(binding.type));
  if (!trigger) throw new Error(`Function "${name}" has no trigger`);
  if (registrations.some((other) => other.name === name)) throw new Error(`Function "${name}" is registered twice`);
  // What an HTTP function returns is bound as `$return`.
  const outputs = Object.values(bindings).filter(({ type }) => type === 'queue');
  return entryOf(registrations, { name, trigger, outputs, callback });
}

/** Called by `app.hook`. Hooks of kind `log` are taken and never called: no log of a host exists here. */
export function registerHook(name: HookName, run: Hook): Disposable {
  return entryOf(hooks, { name, run });
}

export function setProgrammingModel(model: unknown): void {
  programmingModel = model;
}

export function getProgrammingModel(): unknown {
  return programmingModel;
}

/** Notes of @azure/functions itself. Those below a warning tell of its own workings and are dropped. */
export function log(level: string, _category: string, message: string): void {
  if (level === 'warning' || level === 'error' || level === 'critical') console.warn(message);
}

/** What was registered so far, in order. */
export function registered(): readonly Registration[] {
  return registrations;
}

/** Runs the hooks of one kind in the order of their registration. Rejects as the first of them does. */
export async function runHooks(name: HookName, context: object): Promise<void> {
  for (const hook of hooks.filter((candidate) => candidate.name === name)) await hook.run(context);
}

interface Disposable {
  dispose(): void;
}

function entryOf<T>(list: T[], entry: T): Disposable {
  list.push(entry);
  return { dispose: () => void list.splice(list.indexOf(entry), 1) };
}
