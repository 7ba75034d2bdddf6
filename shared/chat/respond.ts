import type { Settings } from '../config/settings';
import type { Deadline } from '../resilience/deadline';
import type { Logger } from '../telemetry/logger';
import type { ChatEvent } from './chat-contract';
import type { Coach } from './coach';
import type { Understanding } from './intent';
import { type ChatModel, ModelError, type ModelRequest } from './model-contract';
import type { ToolRun } from './tool-runner';
import type { Situation } from './turn';

export interface RespondDependencies {
  coach: Coach;
  /** null: the coach answers by rule. */
  model: ChatModel | null;
  settings: Settings;
  logger: Logger;
}

/** Told of every piece of a reply as it comes; null where nobody reads along. */
export type Emit = ((event: Exclude<ChatEvent, { type: 'done' }>) => void) | null;

export interface RespondRequest {
  understanding: Understanding;
  situation: Situation;
  /** Asked for where there is a model to read it. */
  prompt: () => Pick<ModelRequest, 'system' | 'turns'>;
  run: ToolRun;
  emit: Emit;
}

export interface Response {
  text: string;
  by: 'model' | 'coach';
  /** Why the coach had to stand in for the model; null where it did not. */
  reason: string | null;
}

/** Kept of the budget for the coach, and for what remains to be stored. */
const reserveMs = 1_000;

/**
 * The reply's text: the model's, else the coach's. Somebody in danger gets the coach's fixed words. Where the model breaks off, the coach
 * goes on: it repeats no tool that the model has used, and where pieces were sent already, they stay and its words follow them.
 */
export function createRespond({ coach, model, settings, logger }: RespondDependencies) {
  return async (request: RespondRequest, deadline: Deadline): Promise<Response> => {
    const { understanding, situation, prompt, run, emit } = request;
    const isCrisis = understanding.intents.some(({ kind }) => kind === 'crisis');
    if (!model || isCrisis) return byCoach(null, '');

    const budgetMs = Math.min(settings.CHAT_TIMEOUT_SECONDS * 1_000, deadline.remainingMs() - reserveMs);
    const { signal } = deadline.within(Math.max(0, budgetMs));
    let text = '';
    try {
      for await (const event of model.reply({ ...prompt(), tools: run }, signal)) {
        emit?.(event);
        if (event.type === 'token') text += event.text;
      }
      return { text, by: 'model', reason: null };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      await run.idle();
      logger.warn('the coach stands in for the model', { reason: error.code });
      return byCoach(`model_${error.code}`, emit ? text : '');
    }

    async function byCoach(reason: string | null, sent: string): Promise<Response> {
      const hasActed = run.used.some(({ ok }) => ok);
      const answered = hasActed
        ? coach.summarise(run.used, understanding.language, situation.personality)
        : await coach.answer(understanding, situation, run);
      if (!hasActed) for (const use of run.used) emit?.({ type: 'tool', use });
      const added = sent ? `\n\n${answered}` : answered;
      emit?.({ type: 'token', text: added });
      return { text: sent + added, by: 'coach', reason };
    }
  };
}
