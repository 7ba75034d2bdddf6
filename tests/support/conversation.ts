import { createCoach } from '../../shared/chat/coach';
import { keepMessage, keepToolResults } from '../../shared/chat/keep-exchange';
import { defaultPersonality, findPersonality } from '../../shared/chat/personalities/list';
import { createPreferences } from '../../shared/chat/preferences';
import { asksToForgetLast, readAnswer } from '../../shared/chat/read-forget';
import { createToolRun, type ToolRun } from '../../shared/chat/tool-runner';
import { createTools } from '../../shared/chat/tools';
import { createTranscript, type TranscriptTurn } from '../../shared/chat/transcript';
import { createDatabase } from '../../shared/database/client';
import { createTerms } from '../../shared/embedding/terms';
import { createLogger } from '../../shared/telemetry/logger';
import { randomUUID } from 'node:crypto';
import { freshHome } from './home';
import { aDeadline, type createTestService } from './service';

/** The tools and the coach over a service, with a transcript and preferences in a database of their own, on the service's clock. */
export function createConversations({ container, clock, lines }: ReturnType<typeof createTestService>) {
  const database = createDatabase({ home: freshHome(), url: undefined });
  const transcript = createTranscript(database);
  const preferences = createPreferences(database);
  const logger = createLogger('debug', (line) => lines.push(line));
  const terms = createTerms('auto');
  const coach = createCoach(terms);
  const memory = container.memory();
  const goals = container.goals();
  const tools = createTools({
    goals,
    preferences,
    memory,
    transcript,
    terms,
    brainTools: container.brainTools(),
    logger,
  });

  /** One message, as the chat takes it: `act` stands for what a chat model calls for; else the coach answers. */
  const say = async (userId: string, message: string, act?: (run: ToolRun) => Promise<unknown>) => {
    clock.turn(60_000);
    const at = clock.now();
    const deadline = aDeadline();
    const { last: previous } = await transcript.recent({ userId, conversationId: userId }, 1);
    const pending = previous?.pending ?? null;
    const understanding = coach.understand(message);
    const { value } = await memory.recall({ userId, query: message || ' ', limit: 20 }, deadline);
    const recalled = value?.map((found) => found.memory).filter(({ type }) => type !== 'tool_usage') ?? null;
    const settled = await preferences.all(userId);
    const known = { goals: await goals.list(userId, 'active'), recalled, preferences: settled, companies: [] };
    const run = createToolRun(
      tools,
      {
        ...{ userId, at, known, previous, pending, deadline },
        personality: previous?.personality ?? null,
        asksToForget: asksToForgetLast(understanding),
        isConfirmed: pending !== null && readAnswer(message) === 'yes',
        newId: randomUUID,
      },
      logger,
    );
    const personality = findPersonality(settled.personality) ?? defaultPersonality;
    const reply = act
      ? String(await act(run))
      : await coach.answer(understanding, { message, personality, known, previous, pending }, run);
    const exchange = {
      ...{ userId, message, messageId: undefined, conversationId: userId, at },
      ...{ personality: personality.name, preferences: settled },
    };
    await keepMessage(memory, exchange, deadline);
    await keepToolResults(memory, exchange, run, deadline, logger);
    const told = (recalled ?? []).filter(({ text }) => reply.includes(text)).map(({ id }) => id);
    const turn: TranscriptTurn = {
      ...{ id: randomUUID(), userId, conversationId: userId, isGroup: false, message, reply, at, told },
      ...{ personality: personality.name, tools: run.used, pending: run.pending, extractedAt: null },
    };
    await transcript.keep(turn);
    return { reply, run, at };
  };

  return {
    say,
    transcript,
    preferences,
    coach,
    tools,
    logger,
    /** Every memory of a person that the provider has, in words. */
    texts: async (userId: string): Promise<string[]> => {
      const { value } = await memory.list(userId, { limit: 100, cursor: null }, aDeadline());
      return (value?.items ?? []).map(({ text }) => text);
    },
    close: () => database.close(),
  };
}
