import { z } from 'zod';
import { callTool, type Speaker, type Tool } from '../chat/tool';
import { snakeKeys } from '../http/case';
import { describeError, type Logger } from '../telemetry/logger';

/** A tool as the Model Context Protocol lists and calls it: "Tools", its specification. */
export interface McpTool {
  name: string;
  description: string;
  /** JSON Schema of its input. */
  inputSchema: object;
  /** Never rejects. `speaker` is who is signed in: no input names a person. */
  call(input: unknown, speaker: Speaker): Promise<McpResult>;
}

export interface McpResult {
  /** What the tool gave, or `{ error }` with a code and what helps to call it rightly. */
  structuredContent: Record<string, unknown>;
  /** The same as text, for clients that read no structure. */
  content: [{ type: 'text'; text: string }];
  isError: boolean;
}

/** Tools as plain functions over JSON, for whoever serves agents: nothing of the chat is in them. */
export function toMcpTools(tools: Record<string, Tool<z.ZodType, unknown, Speaker>>, logger: Logger): McpTool[] {
  return Object.entries(tools).map(([name, tool]) => ({
    name,
    description: tool.description,
    inputSchema: z.toJSONSchema(tool.input, { io: 'input' }),
    call: async (input, speaker) => {
      const called = await callTool(tool, input, speaker);
      if (called.ok) return toResult(called.outcome.result, false);
      const { error, details, cause } = called;
      logger.warn('tool failed', { tool: name, reason: error, ...(cause !== undefined && describeError(cause)) });
      return toResult({ error, ...details }, true);
    },
  }));
}

function toResult(given: unknown, isError: boolean): McpResult {
  const text = JSON.stringify(snakeKeys(given));
  return { structuredContent: JSON.parse(text), content: [{ type: 'text', text }], isError };
}
