import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { SpeakerCompanies } from '../brain/speaker-companies';
import type { Settings } from '../config/settings';
import type { Database } from '../database/client';
import type { Terms } from '../embedding/terms';
import { derivedId } from '../memory/derived-id';
import type { MemoryService } from '../memory/memory-contract';
import type { ProcessedMessages } from '../memory/processed-messages';
import type { Redaction } from '../redaction/redaction';
import { createDeadline, type Deadline, raceSignal } from '../resilience/deadline';
import { withoutContextPack } from '../search/context-pack';
import type { Logger } from '../telemetry/logger';
import { askDatabase } from './ask-database';
import type { ChatEvent, ChatReply, ChatRequest, ChatService } from './chat-contract';
import { createCoach } from './coach';
import { cut } from './cut';
import type { Extraction } from './facts/extraction';
import { createGather } from './gather';
import type { Goals } from './goals';
import type { Understanding } from './intent';
import { type Exchange, keepMessage, keepToolResults } from './keep-exchange';
import type { ChatModel } from './model-contract';
import { defaultPersonality, findPersonality } from './personalities/list';
import type { Personality } from './personalities/personality';
import type { PreferenceValues } from './preferences';
import { toModelTurns, toSystemPrompt } from './prompt';
import { told } from './quotes';
import { asksToForgetLast, readAnswer } from './read-forget';
import { createRespond, type Emit } from './respond';
import { overviewQuery } from './rules/phrase-rules';
import { toReply, toStranger } from './to-reply';
import type { Known } from './tool';
import { createToolRun } from './tool-runner';
import type { ToolUsage } from './tool-usage';
import type { Tools } from './tools';
import type { Pending, Transcript, TranscriptTurn } from './transcript';

export interface ChatServiceDependencies {
  memory: MemoryService;
  goals: Goals;
  transcript: Transcript;
  toolUsage: ToolUsage;
  speakerCompanies: SpeakerCompanies;
  tools: Tools;
  model: ChatModel | null;
  extraction: Extraction;
  database: Database;
  processed: ProcessedMessages;
  terms: Terms;
  redaction: Redaction;
  settings: Settings;
  logger: Logger;
  now: () => Date;
}

const door = 'chat';
const maxQuery = 1_000;
/** For what is stored with a reply, beyond the caller's time: one who leaves, or a budget that ends, must not lose it. */
const keepMs = 8_000;
/** By then a request is out. */
const keepAfterMs = 10;
const extractMs = 30_000;
const settleMs = 3_000;
/** A question is answered soon, or it is no longer what a yes is for. */
const pendingMs = 3_600_000;

type Spoken = ChatRequest & { userId: string };
const isSpoken = (request: ChatRequest): request is Spoken => request.userId !== null;

export function createChatService(dependencies: ChatServiceDependencies): ChatService {
  const { memory, goals, transcript, toolUsage, tools, model, extraction, processed, terms } = dependencies;
  const { redaction, settings, logger, now } = dependencies;
  const coach = createCoach(terms);
  const gather = createGather(dependencies);
  const respond = createRespond({ coach, model, settings, logger });

  const ask = <T>(question: Promise<T>, deadline: Deadline) => askDatabase(question, deadline, logger);

  const answerOnce = async (request: Spoken, deadline: Deadline, emit: Emit): Promise<ChatReply> => {
    const { userId, message, messageId, participants } = request;
    const started = performance.now();
    const at = now();
    const conversationId = request.conversationId ?? idFor(request, 'conversation');
    const understanding = coach.understand(message);
    const keeping = createDeadline(deadline.remainingMs() + keepMs);

    const conversation = { conversationId, userId, ...(participants && { participants }) };
    const query = toQuery(message, understanding);
    const gathered = await gather({ conversation, query }, deadline.within(deadline.remainingMs() / 2));
    const { recalled, previous } = gathered;
    const settled = gathered.preferences ?? {};
    const personality = choosePersonality(request, understanding, settled);
    const exchange: Exchange = {
      ...{ userId, message, messageId, conversationId, at, personality: personality.name },
      preferences: { ...settled, ...statedIn(understanding) },
    };
    const known: Known = {
      goals: gathered.goals,
      recalled: recalled.value?.map((result) => result.memory).filter(({ type }) => type !== 'tool_usage') ?? null,
      preferences: settled,
      companies: gathered.companies,
    };
    const pending = pendingOf(previous, at);
    let ids = 0;
    const context = {
      ...{ userId, at, known, previous, pending, deadline: keeping },
      personality: previous?.personality ?? null,
      asksToForget: asksToForgetLast(understanding),
      isConfirmed: pending !== null && readAnswer(message) === 'yes',
      newId: () => idFor(request, `tool ${ids++}`),
    };
    const run = createToolRun(tools, context, logger);

    const act = async () => {
      // What the turn before left behind is to be known when it is to be forgotten.
      if (context.asksToForget || context.isConfirmed) {
        await raceSignal(extraction.idle(userId), deadline.within(settleMs).signal).catch(() => undefined);
      }
      const prompt = () => ({
        system: toSystemPrompt({ ...gathered, personality, preferences: settled, pending, at }),
        turns: toModelTurns(gathered.conversation, userId, message),
      });
      const situation = { message, personality, known, previous, pending };
      const response = await respond({ understanding, situation, prompt, run, emit }, deadline);
      const responded = performance.now();
      const [current] = await Promise.all([
        run.used.some(({ ok }) => ok) ? ask(goals.list(userId, 'active'), keeping) : gathered.goals,
        keepToolResults(memory, exchange, run, keeping, logger),
      ]);
      return { response, current, responded };
    };
    // Side by side, for a provider that hangs holds up each for a while. Where the message cannot be kept, no tool can work either.
    const acting = act();
    acting.catch(() => undefined);
    // The model's request goes out first: keeping takes this process's time, answering the model's.
    if (model) await setTimeout(keepAfterMs);
    const [{ response, current, responded }] = await Promise.all([acting, keepMessage(memory, exchange, keeping)]);

    const turn: TranscriptTurn = {
      ...{ id: idFor(request, 'turn'), userId, conversationId, isGroup: participants !== undefined },
      message: withoutContextPack(message),
      ...{ reply: response.text, personality: personality.name, tools: run.used, pending: run.pending, at },
      told: told(response.text, known.recalled ?? [], terms),
      extractedAt: null,
    };
    await Promise.all([
      ask(transcript.keep(turn), keeping),
      ask(toolUsage.record({ userId, at, understanding, used: run.used, previous }), keeping),
    ]);
    const ended = performance.now();
    const timingsMs = {
      recall: gathered.ms,
      reply: responded - started - gathered.ms,
      keep: ended - responded,
      total: ended - started,
    };
    // After the reply: nobody waits for it, and what a crash leaves undone is made up for by the timer.
    void extraction.run(turn, { by: response.by === 'model' ? 'model' : 'rules' }, createDeadline(extractMs));
    return toReply({ response, personality, conversationId, gathered, run, goals: current, timingsMs });
  };

  /** What is masked is masked for everybody: the words stored, the tools and the model, which then cannot repeat it. */
  const answerMasked = async (request: Spoken, deadline: Deadline, emit: Emit): Promise<ChatReply> => {
    const masking = redaction();
    const masked = { ...request, message: masking.text(request.message) };
    return { ...(await answerOnce(masked, deadline, emit)), ...masking.report() };
  };

  /** A message that comes again gets the first answer. */
  const answer = async (request: ChatRequest, deadline: Deadline, emit: Emit): Promise<ChatReply> => {
    if (!isSpoken(request)) {
      const reply = toStranger(request, coach.understand(request.message), now());
      emit?.({ type: 'token', text: reply.reply });
      return reply;
    }
    const { userId, messageId } = request;
    if (!messageId) return answerMasked(request, deadline, emit);
    const earlier = (await ask(processed.find(userId, door, messageId), deadline)) as ChatReply | null;
    if (earlier) {
      emit?.({ type: 'token', text: earlier.reply });
      return earlier;
    }
    const reply = await answerMasked(request, deadline, emit);
    return ((await ask(processed.keep(userId, door, messageId, reply), createDeadline(keepMs))) ?? reply) as ChatReply;
  };

  return {
    chat: (request, deadline) => answer(request, deadline, null),
    // The work does not hang on the reader: one who leaves ends the model's call by the deadline, and what was said is kept all the same.
    stream: (request, deadline) => {
      let isRead = true;
      return new ReadableStream<ChatEvent>({
        start: async (controller) => {
          const emit = (event: ChatEvent) => {
            if (isRead) controller.enqueue(event);
          };
          emit({ type: 'done', reply: await answer(request, deadline, emit) });
          if (isRead) controller.close();
        },
        cancel: () => {
          isRead = false;
        },
      });
    },
  };
}

/** The same id for the same part of the same message, so that doing it again does nothing twice; a new one without a message id. */
const idFor = ({ userId, messageId }: Spoken, part: string): string =>
  messageId ? derivedId(door, userId, messageId, part) : randomUUID();

const pendingOf = (previous: TranscriptTurn | null, at: Date): Pending | null =>
  previous && at.getTime() - previous.at.getTime() < pendingMs ? previous.pending : null;

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
