import type { Terms } from '../embedding/terms';
import { changeGoal, createGoal, listGoals, logCheckIn, logReport } from './coach-goals';
import { answerQuestion, greet, tellAll } from './coach-recall';
import type { Intent, Understanding } from './intent';
import type { ToolRun } from './tool-runner';
import { createTurn, type Situation, type Turn } from './turn';
import { understand } from './understand';

/** Answers by rule, in the voice of a personality, where no chat model does. */
export interface Coach {
  understand(message: string): Understanding;
  /** Carries out what was understood through the tools and says so. A tool that fails is said in the reply, never thrown. */
  answer(understanding: Understanding, situation: Situation, tools: ToolRun): Promise<string>;
}

export const createCoach = (terms: Terms): Coach => ({
  understand: (message) => understand(message, terms.language),
  answer: async (understanding, situation, tools) => {
    const turn = createTurn(understanding, situation, tools, terms);
    const { say, speak, notes, intents } = turn;
    const said: string[] = [];
    // One after the other: what was done for a goal may follow the sentence that made it.
    for (const intent of intents) said.push(...(await carryOut(intent, turn)));
    if (said.length === 0) said.push(speak('listening'));
    if (!notes && !said.includes(say.unreachable) && !said.includes(say.crisis)) said.push(say.unreachable);
    return said.join(' ');
  },
});

async function carryOut(intent: Intent, turn: Turn): Promise<string[]> {
  const { say, speak, tools } = turn;
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
      return listGoals(turn);
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
      return [
        (await tools.use('set_preference', { name, value, words })) ? say.preference(name, value) : say.notWritten,
      ];
    }
    case 'remember': {
      const { words: text, type } = intent;
      return [(await tools.use('remember', { text, type })) ? say.remembered : say.notWritten];
    }
  }
}
