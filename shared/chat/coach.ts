import type { Terms } from '../embedding/terms';
import { changeGoal, createGoal, logCheckIn, logReport } from './coach-goals';
import { correct, forget, settle } from './coach-memory';
import { answerQuestion, greet, tellAll } from './coach-recall';
import type { Intent, Understanding } from './intent';
import type { Language, Personality } from './personalities/personality';
import { readAnswer } from './read-forget';
import { createSpeech } from './speech';
import { act, summarise } from './tell';
import type { ToolRun, ToolUse } from './tool-runner';
import { createTurn, type Situation, type Turn } from './turn';
import { understand } from './understand';

/** Answers by rule, in the voice of a personality, where no chat model does. */
export interface Coach {
  understand(message: string): Understanding;
  /** Carries out what was understood through the tools and says so. A tool that fails is said in the reply, never thrown. */
  answer(understanding: Understanding, situation: Situation, tools: ToolRun): Promise<string>;
  /**
   * Says what tools did that were used already, calling none: where a chat model broke off after them. '' where there is nothing to say.
   */
  summarise(used: readonly ToolUse[], language: Language, personality: Personality): string;
}

export const createCoach = (terms: Terms): Coach => ({
  understand: (message) => understand(message, terms.language),
  answer: async (understanding, situation, tools) => {
    const { message, pending, previous } = situation;
    const answer = pending && readAnswer(message);
    // "No" is of either language: it answers in the one that the question was asked in.
    const asked = answer && previous ? understand(previous.message, terms.language) : understanding;
    const turn = createTurn({ ...understanding, language: asked.language }, situation, tools, terms);
    const { say, speak, notes, intents } = turn;
    const said: string[] = answer ? await settle(answer, turn) : [];
    // One after the other: what was done for a goal may follow the sentence that made it.
    if (!answer) for (const intent of intents) said.push(...(await carryOut(intent, turn)));
    if (said.length === 0) said.push(speak('listening'));
    const isSaid = [say.unreachable, say.notForgotten, say.crisis].some((phrase) => said.includes(phrase));
    if (!notes && !isSaid) said.push(say.unreachable);
    return said.join(' ');
  },
  summarise: (used, language, personality) => summarise(used, createSpeech(language, personality, used.length)),
});

async function carryOut(intent: Intent, turn: Turn): Promise<string[]> {
  const { say, speak } = turn;
  switch (intent.kind) {
    case 'crisis':
    case 'thanks':
    case 'help':
      return [say[intent.kind]];
    case 'greeting':
      return greet(turn);
    case 'good':
    case 'bad':
      return turn.intents.some(({ kind }) => kind === 'check_in') ? [] : [speak(intent.kind)];
    case 'overview':
      return tellAll(turn);
    case 'question':
      return answerQuestion(intent.words, turn);
    case 'list_goals':
      return (await act('list_goals', {}, turn)).said;
    case 'goal':
      return createGoal(intent, turn);
    case 'goal_change':
      return changeGoal(intent, turn);
    case 'report':
      return logReport(intent, turn);
    case 'check_in':
      return logCheckIn(intent, turn);
    case 'out_of_scale':
      return [say.outOfScale];
    case 'preference': {
      const { name, value, words } = intent;
      return (await act('set_preference', { name, value, words }, turn)).said;
    }
    case 'remember':
      return (await act('remember', { text: intent.words, type: intent.type }, turn)).said;
    case 'correction':
      return correct(intent, turn);
    case 'forget':
      return forget(intent, turn);
  }
}
