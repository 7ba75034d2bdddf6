import { randomUUID } from 'node:crypto';
import { createGoals } from '../../shared/chat/goals';
import { createChatModel } from '../../shared/chat/model';
import type { ChatModel, ModelErrorCode, ModelEvent, ModelTurn } from '../../shared/chat/model-contract';
import { createPreferences } from '../../shared/chat/preferences';
import { createToolRun } from '../../shared/chat/tool-runner';
import { createTools } from '../../shared/chat/tools';
import { createTranscript } from '../../shared/chat/transcript';
import type { Settings } from '../../shared/config/settings';
import { createContainer } from '../../shared/container';
import { createDatabase } from '../../shared/database/client';
import { createTerms } from '../../shared/embedding/terms';
import { createRedaction } from '../../shared/redaction/redaction';
import { createDeadline } from '../../shared/resilience/deadline';
import type { PolicyOptions } from '../../shared/resilience/policy';
import { createLogger } from '../../shared/telemetry/logger';
import { freshHome } from './home';
import type { ModelServer } from './model-server';

/** What became of a request: what came before a failure, and the failure's code, or what was thrown in its place. */
export interface Said {
  text: string;
  events: ModelEvent[];
  code: ModelErrorCode | null;
  error: unknown;
  tookMs: number;
}

interface Options {
  settings?: Partial<Settings>;
  policy?: Partial<PolicyOptions>;
}

/** The chat model over a loopback server, with the real tools over a database of its own, which opens when one of them is used. */
export function openChatModel(server: ModelServer) {
  const lines: string[] = [];
  const counted: string[] = [];
  const tokens: Record<string, number> = {};
  const count = (name: string, by = 1) => {
    if (name.endsWith('_tokens')) tokens[name] = by;
    else counted.push(name);
  };
  const logger = createLogger('debug', (line) => lines.push(line));
  const database = createDatabase({ home: freshHome(), url: undefined });
  const at = new Date('2026-11-20T12:00:00Z');
  const container = createContainer({ env: { KEEPSAKE_HOME: freshHome() }, writeLog: (line) => lines.push(line) });
  const redaction = createRedaction({ REDACT: 'secrets' });
  const tools = createTools({
    ...{ goals: createGoals(database, () => at, redaction), preferences: createPreferences(database) },
    ...{ transcript: createTranscript(database), terms: createTerms('auto'), logger },
    memory: container.memory(),
    brainTools: container.brainTools(),
  });
  const create = ({ settings, policy }: Options = {}) =>
    createChatModel({
      settings: {
        ...{ CHAT_PROVIDER: 'openai-compatible', CHAT_MODEL: server.model, CHAT_BASE_URL: server.url },
        ...{ CHAT_API_KEY: server.apiKey, CHAT_TIMEOUT_SECONDS: 5, ...settings },
      },
      statistics: { count, observe: (name) => counted.push(name) },
      policy: { firstPauseMs: 1, ...policy },
      ...{ tools, logger },
    });
  return {
    lines,
    counted,
    /** What the latest step took, by counter. */
    tokens,
    tools,
    create,
    /** The model, which these settings make one. */
    open: (options?: Options): ChatModel => {
      const model = create(options);
      if (!model) throw new Error('There is no chat model');
      return model;
    },
    run: (userId = 'ana') => {
      const known = { goals: [], recalled: [], preferences: {}, companies: [] };
      const nobodyAsked = { personality: null, previous: null, asksToForget: false, pending: null, isConfirmed: false };
      const context = { userId, at, known, ...nobodyAsked, deadline: createDeadline(10_000), newId: randomUUID };
      return createToolRun(tools, context, logger);
    },
    close: async () => {
      await container.close();
      await database.close();
    },
  };
}

/** Has the model reply to the end. Never rejects. */
export async function say(
  model: ChatModel,
  tools: ReturnType<ReturnType<typeof openChatModel>['run']>,
  turns: ModelTurn[] = [{ role: 'user', content: 'Hello, canary-8d1f' }],
  signal = new AbortController().signal,
): Promise<Said> {
  const started = performance.now();
  const events: ModelEvent[] = [];
  let error: unknown = null;
  try {
    for await (const event of model.reply({ system: 'You are a coach.', turns, tools }, signal)) events.push(event);
  } catch (thrown) {
    error = thrown;
  }
  const text = events.map((event) => (event.type === 'token' ? event.text : '')).join('');
  const { code = null } = (error ?? {}) as { code?: ModelErrorCode };
  return { text, events, code, error, tookMs: performance.now() - started };
}
