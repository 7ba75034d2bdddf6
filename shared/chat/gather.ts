import type { Settings } from '../config/settings';
import type { MemoryService, Recall } from '../memory/memory-contract';
import { toMemoryState } from '../memory/memory-state';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { describeError, type Logger } from '../telemetry/logger';
import type { CheckIn, Goal, Goals } from './goals';
import type { Preferences, PreferenceValues } from './preferences';
import type { ToolUsage, UsageCount } from './tool-usage';
import type { Conversation, Transcript, TranscriptTurn } from './transcript';

/** What a reply is made from. null is what could not be reached. */
export interface Gathered {
  recalled: Recall;
  goals: Goal[] | null;
  preferences: PreferenceValues | null;
  /** The person's turn before this one, in whatever conversation. */
  previous: TranscriptTurn | null;
  /** For a chat model alone; [] and null without one. */
  conversation: TranscriptTurn[];
  checkIns: CheckIn[] | null;
  usage: UsageCount[];
  ms: number;
}

export interface GatherRequest {
  conversation: Conversation;
  /** What to look for in memory. */
  query: string;
  isForModel: boolean;
}

export interface GatherDependencies {
  memory: Pick<MemoryService, 'recall'>;
  goals: Goals;
  preferences: Preferences;
  transcript: Transcript;
  toolUsage: ToolUsage;
  settings: Settings;
  logger: Logger;
  now: () => Date;
}

const maxRecalled = 20;
const maxTurns = 20;
const maxCheckIns = 5;

/** Asks for all of it at once; what fails or takes too long is null, and a chat goes on without. Never rejects but for a bug. */
export function createGather(dependencies: GatherDependencies) {
  const { memory, goals, preferences, transcript, toolUsage, settings, logger, now } = dependencies;

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

  return async ({ conversation, query, isForModel }: GatherRequest, deadline: Deadline): Promise<Gathered> => {
    const { userId } = conversation;
    const started = performance.now();
    const { signal } = deadline;
    const ask = async <T>(question: Promise<T>): Promise<T | null> => {
      try {
        return await raceSignal(question, signal);
      } catch (error) {
        logger.warn('chat goes on without the database', describeError(error));
        return null;
      }
    };
    const askForModel = <T>(question: () => Promise<T>): Promise<T | null> =>
      isForModel ? ask(question()) : Promise.resolve(null);
    const [recalled, known, settled, previous, turns, checkIns, usage] = await Promise.all([
      recall(userId, query, deadline),
      ask(goals.list(userId, 'active')),
      ask(preferences.all(userId)),
      ask(transcript.last(userId)),
      askForModel(() => transcript.latest(conversation, maxTurns)),
      askForModel(() => goals.listCheckIns(userId, { limit: maxCheckIns, cursor: null })),
      askForModel(() => toolUsage.all(userId)),
    ]);
    return {
      ...{ recalled, goals: known, preferences: settled, previous },
      ...{ conversation: turns ?? [], checkIns: checkIns?.items ?? null, usage: usage ?? [] },
      ms: performance.now() - started,
    };
  };
}
