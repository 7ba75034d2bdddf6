import type { ToolSet } from 'ai';
import { raceSignal } from '../resilience/deadline';
import type { ModelClient } from './model-client';
import type { ToolRun, ToolUse } from './tool-runner';
import type { ToolInput, ToolName, Tools } from './tools';

/** Carries out one call for the model. */
export type UseTool = (name: ToolName, input: ToolInput<ToolName>) => Promise<ToolUse>;

/** The tools as the model sees them, made once: a reply brings its own `UseTool`, as the SDK's context. */
export function toToolSet(tools: Tools, { tool, zodSchema }: ModelClient['sdk']): ToolSet {
  const toTool = ([name, { description, input: schema }]: [ToolName, Tools[ToolName]]) => [
    name,
    tool({
      description,
      inputSchema: zodSchema<ToolInput<ToolName>>(schema),
      execute: (input, { experimental_context: use }) => (use as UseTool)(name, input),
      toModelOutput: ({ output }) => ({ type: 'json', value: output.result as null }),
    }),
  ];
  return Object.fromEntries((Object.entries(tools) as [ToolName, Tools[ToolName]][]).map(toTool));
}

/**
 * Several calls at once are carried out one after the other: each is recorded last, and sees what the one before it did. Once the signal
 * aborts, nobody waits for a tool any more; one that has begun goes on.
 */
export function inTurn(run: ToolRun, signal: AbortSignal): UseTool {
  let earlier: Promise<unknown> = Promise.resolve();
  return (name, input) => {
    const use = earlier.then(async () => {
      // What was still to begin when the time was up is not begun.
      signal.throwIfAborted();
      await run.use(name, input);
      return run.used.at(-1) as ToolUse;
    });
    earlier = use.catch(() => undefined);
    return raceSignal(use, signal);
  };
}
