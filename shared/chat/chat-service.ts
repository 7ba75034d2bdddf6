import { randomUUID } from 'node:crypto';
import type { Settings } from '../config/settings';
import type { Database } from '../database/client';
import type { Terms } from '../embedding/terms';
import { derivedId } from '../memory/derived-id';
import type { MemoryService, Recall } from '../memory/memory-contract';
import { toMemoryState } from '../memory/memory-state';
import type { ProcessedMessages } from '../memory/processed-messages';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { describeError, type Logger } from '../telemetry/logger';
import type { ChatReply, ChatRequest, ChatService } from './chat-contract';
import { createCoach } from './coach';
import { cut } from './cut';
import type { Goal, Goals } from './goals';
import type { Understanding } from './intent';
import { type Exchange, keepMessage, keepToolResults } from './keep-exchange';
import { defaultPersonality, findPersonality } from './personalities/list';
import type { Personality } from './personalities/personality';
import { createPreferences, type PreferenceValues } from './preferences';
import { asksToForgetLast } from './read-forget';
import { overviewQuery } from './rules/phrase-rules';
import { createToolRun, type ToolRun } from './tool-runner';
import { createTools } from './tools';
import { createTranscript } from './transcript';

export interface ChatServiceDependencies {
  memory: MemoryService;
  goals: Goals;
  database: Database;
  processed: ProcessedMessages;
  terms: Terms;
  settings: Settings;
  logger: Logger;
  now: () => Date;
}

const door = 'chat';
const maxRecalled = 20;
const maxQuery = 1000;

export function createChatService(dependencies: ChatServiceDependencies): ChatService {
  const { memory, goals, database, processed, terms, settings, logger, now } = dependencies;
  const preferences = createPreferences(database);
  const transcript = createTranscript(database);
  const tools = createTools({ goals, preferences, memory, transcript, terms, logger });
  const coach = createCoach(terms);

  /** What the database says, or null when it cannot: a chat goes on without. */
  const ask = async <T>(question: Promise<T>, { signal }: Deadline): Promise<T | null> => {
    try {
      return await raceSignal(question, signal);
    } catch (error) {
      logger.warn('chat goes on without the database', describeError(error));
      return null;
    }
  };

  const recall = async (userId: string, query: string, deadline: Deadline): Promise<Recall> => {
    const budget = deadline.within(settings.RECALL_TIMEOUT_MS);
    const request = { userId, query, limit: maxRecalled, maxTokens: settings.CONTEXT_TOKENS };
    try {
      return await raceSignal(memory.recall(request, budget), budget.signal);
    } catch (error) {
      if (!budget.signal.aborted) throw error;
      return { value: null, memory: toMemoryState('none', 'recall_timeout', now()), timingsMs: {} };
    }
  };

  const answer = async (request: Spoken, deadline: Deadline): Promise<ChatReply> => {
    const { userId, message, messageId } = request;
    const started = performance.now();
    const at = now();
    const conversationId = request.conversationId ?? idFor(request, 'conversation');
    const understanding = coach.understand(message);
    const within = deadline.within(deadline.remainingMs() / 2);
    const [recalled, knownGoals, settled] = await Promise.all([
      recall(userId, toQuery(message, understanding), deadline),
      ask(goals.list(userId, 'active'), within),
      ask(preferences.all(userId), within),
    ]);
    const recalledAt = performance.now();
    const personality = choosePersonality(request, understanding, settled ?? {});
    const exchange: Exchange = {
      ...{ userId, message, messageId, conversationId, at },
      personality: personality.name,
      preferences: { ...settled, ...statedIn(understanding) },
    };
    const known = {
      goals: knownGoals,
      recalled: recalled.value?.map((result) => result.memory).filter(({ type }) => type !== 'tool_usage') ?? null,
      preferences: settled ?? {},
    };
    let ids = 0;
    const newId = () => idFor(request, `tool ${ids++}`);
    const before = { previous: null, pending: null };
    const asksToForget = asksToForgetLast(understanding);
    const spoken = { asksToForget, isConfirmed: false, personality: null };
    const context = { ...{ userId, at, known, newId, deadline }, ...before, ...spoken };
    const run = createToolRun(tools, context, logger);
    const act = async () => {
      const reply = await coach.answer(understanding, { message, personality, known, ...before }, run);
      const isChanged = run.used.some(({ ok }) => ok);
      const [current] = await Promise.all([
        isChanged ? ask(goals.list(userId, 'active'), within) : knownGoals,
        keepToolResults(memory, exchange, run, deadline, logger),
      ]);
      return { reply, goals: current };
    };
    // Side by side, for a provider that hangs holds up each for a while. Where the message cannot be kept, no tool can work either.
    const [{ reply, goals: current }] = await Promise.all([act(), keepMessage(memory, exchange, deadline)]);
    const ended = performance.now();
    const timingsMs = { recall: recalledAt - started, keep: ended - recalledAt, total: ended - started };
    return toReply({ reply, personality, conversationId, recalled, run, goals: current, timingsMs });
  };

  const chat = async (request: ChatRequest, deadline: Deadline): Promise<ChatReply> => {
    const { userId, messageId } = request;
    if (!isSpoken(request) || userId === null) throw new Error('not yet');
    if (!messageId) return answer(request, deadline);
    const earlier = await ask(processed.find(userId, door, messageId), deadline);
    if (earlier) return earlier as ChatReply;
    const reply = await answer(request, deadline);
    return ((await ask(processed.keep(userId, door, messageId, reply), deadline)) ?? reply) as ChatReply;
  };
  return {
    chat,
    stream: async function* (request, deadline) {
      const reply = await chat(request, deadline);
      yield { type: 'token', text: reply.reply };
      yield { type: 'done', reply };
    },
  };
}

type Spoken = ChatRequest & { userId: string };
const isSpoken = (request: ChatRequest): request is Spoken => request.userId !== null;

/** The same id for the same part of the same message, so that doing it again does nothing twice; a new one without a message id. */
const idFor = ({ userId, messageId }: Spoken, part: string): string =>
  messageId ? derivedId(door, userId, messageId, part) : randomUUID();

function toQuery(message: string, { language, intents }: Understanding): string {
  const isAboutAll = intents.length > 0 && intents.every(({ kind }) => kind === 'overview' || kind === 'greeting');
  return isAboutAll ? overviewQuery[language] : cut(message, maxQuery);
}

/** The preferences that a message states hold for its own reply already. */
function statedIn({ intents }: Understanding): PreferenceValues {
  return Object.fromEntries(
    intents.flatMap((intent) => (intent.kind === 'preference' ? [[intent.name, intent.value]] : [])),
  );
}

function choosePersonality(request: ChatRequest, understanding: Understanding, settled: PreferenceValues): Personality {
  const wished = request.personality ?? statedIn(understanding).personality ?? settled.personality;
  return findPersonality(wished) ?? defaultPersonality;
}

interface Outcome {
  reply: string;
  personality: Personality;
  conversationId: string;
  recalled: Recall;
  run: ToolRun;
  goals: Goal[] | null;
  timingsMs: Record<string, number>;
}

function toReply({ reply, personality, conversationId, recalled, run, goals, timingsMs }: Outcome): ChatReply {
  const { value, context, memory } = recalled;
  const packed = new Set(context?.lines.map(({ id }) => id));
  const used = value?.filter((result) => !context || packed.has(result.memory.id));
  const rounded = Object.entries(timingsMs).map(([step, ms]) => [step, Math.round(ms * 10) / 10]);
  return {
    reply,
    personality: personality.name,
    conversationId,
    degraded: false,
    reason: null,
    toolsUsed: run.used,
    memoriesUsed: used?.map(({ memory: { id, text }, score }) => ({ id, text, score })) ?? null,
    ...(goals?.length && { goals }),
    memory,
    timingsMs: Object.fromEntries(rounded),
  };
}
