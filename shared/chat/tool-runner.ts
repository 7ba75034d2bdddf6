import type { z } from 'zod';
import { describeError, type Logger } from '../telemetry/logger';
import { type Note, type Outcome, type ToolContext, ToolError } from './tool';
import type { ToolInput, ToolName, ToolResult, Tools } from './tools';
import type { Pending } from './transcript';

/** A tool call as the reply reports it. */
export interface ToolUse {
  name: ToolName;
  ok: boolean;
  /** What the tool gave, or `{ error }` with a code; for `bad_input` also `fields`, which of them do not fit and why. */
  result: unknown;
}

export interface ToolRun {
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
  const fail = (name: ToolName, error: string, more: object = {}) => {
    used.push({ name, ok: false, result: { error, ...more } });
    return null;
  };
  return {
    used,
    notes,
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
    // The table's types tie a name to its input, which the compiler does not follow through a lookup by name.
    const tool = tools[name] as {
      input: z.ZodType;
      run(input: unknown, context: ToolContext): Promise<Outcome<ToolResult<Name>>>;
    };
    const parsed = tool.input.safeParse(input);
    if (!parsed.success) {
      logger.warn('tool refused its input', { tool: name, reason: 'bad_input' });
      return fail(name, 'bad_input', { fields: parsed.error.issues.map(toField) });
    }
    try {
      const outcome = await tool.run(parsed.data, context);
      used.push({ name, ok: true, result: outcome.result });
      notes.push(...(outcome.notes ?? []).map((note) => ({ tool: name, note })));
      pending = join(pending, outcome.pending ?? null);
      return outcome.result;
    } catch (error) {
      const code = error instanceof ToolError ? error.code : 'unavailable';
      logger.warn('tool failed', { tool: name, reason: code, ...describeError(error) });
      return fail(name, code);
    }
  }
}

const toField = ({ path, message }: { path: PropertyKey[]; message: string }) =>
  path.length ? `${path.join('.')}: ${message}` : message;

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
