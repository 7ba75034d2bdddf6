import type { z } from 'zod';
import { describeError, type Logger } from '../telemetry/logger';
import {
  type Note,
  type ToolContext,
  ToolError,
  type ToolInput,
  type ToolName,
  type ToolResult,
  type Tools,
} from './tools';

/** A tool call as the reply reports it. */
export interface ToolUse {
  name: ToolName;
  ok: boolean;
  /** What the tool gave, or `{ error }` with a code. */
  result: unknown;
}

export interface ToolRun {
  /** Calls a tool; null when it failed, which is recorded and never thrown. */
  use<Name extends ToolName>(name: Name, input: ToolInput<Name>): Promise<ToolResult<Name> | null>;
  readonly used: ToolUse[];
  readonly notes: { tool: ToolName; note: Note }[];
}

/** Runs the tools of one message. */
export function createToolRun(tools: Tools, context: ToolContext, logger: Logger): ToolRun {
  const used: ToolUse[] = [];
  const notes: ToolRun['notes'] = [];
  return {
    used,
    notes,
    use: async <Name extends ToolName>(name: Name, input: ToolInput<Name>) => {
      // The table's types tie a name to its input, which the compiler does not follow through a lookup by name.
      const tool = tools[name] as {
        input: z.ZodType;
        run(input: unknown, context: ToolContext): Promise<{ result: ToolResult<Name>; note?: Note }>;
      };
      try {
        const { result, note } = await tool.run(tool.input.parse(input), context);
        used.push({ name, ok: true, result });
        if (note) notes.push({ tool: name, note });
        return result;
      } catch (error) {
        const code = error instanceof ToolError ? error.code : 'unavailable';
        logger.warn('tool failed', { tool: name, reason: code, ...describeError(error) });
        used.push({ name, ok: false, result: { error: code } });
        return null;
      }
    },
  };
}
