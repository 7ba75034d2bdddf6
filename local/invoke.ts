import { InvocationContext } from '@azure/functions';
import { type Binding, type Callback, type Registration, runHooks } from './functions-core';

const appHookData = {};

/** Sends what a function set for one of its outputs. */
export type SendOutput = (output: Binding, value: unknown) => Promise<void>;

/**
 * Runs one function with its input, inside the app's preInvocation and postInvocation hooks, then sends its outputs. Resolves
 * with what it returned; rejects as it does, or as `send`.
 */
export async function invoke(
  { name, trigger, outputs, callback }: Registration,
  invocationId: string,
  input: unknown,
  send?: SendOutput,
): Promise<unknown> {
  const invocationContext = new InvocationContext({ invocationId, functionName: name, options: { trigger } });
  const hook: HookData = { hookData: {}, appHookData, invocationContext, functionCallback: callback, inputs: [input] };
  await runHooks('preInvocation', hook);
  try {
    hook.result = await hook.functionCallback(...hook.inputs, invocationContext);
  } catch (error) {
    hook.error = error;
  }
  await runHooks('postInvocation', hook);
  if (hook.error !== undefined) throw hook.error;
  for (const output of outputs) {
    const value = invocationContext.extraOutputs.get(output.name);
    if (value !== undefined) await send?.(output, value);
  }
  return hook.result;
}

/** What hooks see and may change, under the names @azure/functions wraps. */
interface HookData {
  hookData: object;
  appHookData: object;
  invocationContext: InvocationContext;
  functionCallback: Callback;
  inputs: unknown[];
  result?: unknown;
  error?: unknown;
}
