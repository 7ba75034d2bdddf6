import { InvocationContext } from '@azure/functions';
import { type Callback, type Registration, runHooks } from './functions-core';

const appHookData = {};

/**
 * Runs one function with its input, inside the app's preInvocation and postInvocation hooks. Resolves with what it
 * returned; rejects as it does.
 */
export async function invoke(
  { name, trigger, callback }: Registration,
  invocationId: string,
  input: unknown,
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
