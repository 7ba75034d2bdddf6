import type { z } from 'zod';
import { describeError, type Logger } from '../telemetry/logger';
import { callTool, type Note, type Tool, type ToolContext } from './tool';
import { type ToolInput, type ToolName, type ToolResult, type Tools, toolNames } from './tools';
import type { Pending } from './transcript';

/** A tool call as the reply reports it. */
export interface ToolUse {
  name: ToolName;
  ok: boolean;
  /** What the tool gave, or `{ error }` with a code and what helps to call it rightly; for `bad_input` `fields`, which of them do not fit and why. */
  result: unknown;
}

export interface ToolRun {
  /** What this person may use. */
  readonly offered: ToolName[];
  /** Calls a tool; null when it failed, which is recorded and never thrown. */
  use<Name extends ToolName>(name: Name, input: ToolInput<Name>): Promise<ToolResult<Name> | null>;
  readonly used: ToolUse[];
  readonly notes: { tool: ToolName; note: Note }[];
  /** What this message asked the person to confirm; null where it asked nothing. */
  readonly pending: Pending | null;
  /** Resolves once no tool is at work: one that has begun ends, though its caller may have left. */
  idle(): Promise<void>;
}

/** Runs the tools of one message. */
export function createToolRun(tools: Tools, context: ToolContext, logger: Logger): ToolRun {
  const used: ToolUse[] = [];
  const notes: ToolRun['notes'] = [];
  let pending: Pending | null = null;
  const atWork = new Set<Promise<unknown>>();
  const offered = toolNames(tools).filter(
    (name) => (tools[name] as Tool<z.ZodType, unknown>).isFor?.(context.known) ?? true,
  );
  const fail = (name: ToolName, error: string, more: object = {}) => {
    used.push({ name, ok: false, result: { error, ...more } });
    return null;
  };
  return {
    used,
    notes,
    offered,
    get pending() {
      return pending;
    },
    idle: async () => {
      while (atWork.size) await Promise.all(atWork);
    },
    use: (name, input) => {
      const using = use(name, input).finally(() => atWork.delete(using));
      atWork.add(using);
      return using;
    },
  };

  async function use<Name extends ToolName>(name: Name, input: ToolInput<Name>): Promise<ToolResult<Name> | null> {
    if (!offered.includes(name)) return fail(name, 'not_offered');
    // The table's types tie a name to its input, which the compiler does not follow through a lookup by name.
    const called = await callTool(tools[name] as Tool<z.ZodType, ToolResult<Name>>, input, context);
    if (!called.ok) {
      const { error, details, cause } = called;
      logger.warn('tool failed', { tool: name, reason: error, ...(cause !== undefined && describeError(cause)) });
      return fail(name, error, details);
    }
    const { result, notes: left = [], pending: asked = null } = called.outcome;
    used.push({ name, ok: true, result });
    notes.push(...left.map((note) => ({ tool: name, note })));
    pending = join(pending, asked);
    return result;
  }
}

/** One yes answers everything that one message asked. */
function join(before: Pending | null, added: Pending | null): Pending | null {
  if (!before || !added) return added ?? before;
  return {
    kind: 'forget',
    about: `${before.about}; ${added.about}`,
    memoryIds: [...new Set([...before.memoryIds, ...added.memoryIds])],
    times: [...new Set([...before.times, ...added.times])],
  };
}
