import type { SpeakerCompanies, SpeakerCompany } from '../brain/speaker-companies';
import type { Settings } from '../config/settings';
import type { Database } from '../database/client';
import type { MemoryService, Recall } from '../memory/memory-contract';
import { toMemoryState } from '../memory/memory-state';
import { type Deadline, raceSignal } from '../resilience/deadline';
import type { Logger } from '../telemetry/logger';
import { askDatabase } from './ask-database';
import { glance } from './glance';
import type { CheckIn, Goal, Goals } from './goals';
import type { PreferenceValues } from './preferences';
import type { UsageCount } from './tool-usage';
import type { Conversation, Transcript, TranscriptTurn } from './transcript';

/** What a reply is made from. null is what could not be reached. */
export interface Gathered {
  recalled: Recall;
  goals: Goal[] | null;
  preferences: PreferenceValues | null;
  /** The person's turn before this one, in whatever conversation. */
  previous: TranscriptTurn | null;
  /** The last turns of this one, oldest first. */
  conversation: TranscriptTurn[];
  checkIns: CheckIn[] | null;
  usage: UsageCount[];
  companies: SpeakerCompany[] | null;
  ms: number;
}

export interface GatherRequest {
  conversation: Conversation;
  /** What to look for in memory. */
  query: string;
}

export interface GatherDependencies {
  memory: Pick<MemoryService, 'recall'>;
  goals: Goals;
  database: Database;
  transcript: Transcript;
  speakerCompanies: SpeakerCompanies;
  settings: Settings;
  logger: Logger;
  now: () => Date;
}

const maxRecalled = 20;
const maxTurns = 20;

/** Asks for all of it at once; what fails or takes too long is null, and a chat goes on without. Never rejects but for a bug. */
export function createGather(dependencies: GatherDependencies) {
  const { memory, goals, database, transcript, speakerCompanies, settings, logger, now } = dependencies;

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

  return async ({ conversation, query }: GatherRequest, deadline: Deadline): Promise<Gathered> => {
    const { userId } = conversation;
    const started = performance.now();
    const ask = <T>(question: Promise<T>) => askDatabase(question, deadline, logger);
    const [recalled, known, seen, said, companies] = await Promise.all([
      recall(userId, query, deadline),
      ask(goals.list(userId, 'active')),
      ask(glance(database, userId)),
      ask(transcript.recent(conversation, maxTurns)),
      ask(speakerCompanies(userId)),
    ]);
    return {
      ...{ recalled, goals: known, preferences: seen?.preferences ?? null },
      ...{ previous: said?.last ?? null, conversation: said?.turns ?? [] },
      ...{ checkIns: seen?.checkIns ?? null, usage: seen?.usage ?? [], companies },
      ms: performance.now() - started,
    };
  };
}
