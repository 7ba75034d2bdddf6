import type { Channel } from '../../../shared/identity/identity-contract';
import type { ModelCall } from '../../support/model-server';

/** A tool call as the scripted model makes it; the input may depend on what the model was told. */
interface ScriptedCall {
  name: string;
  input: object | ((call: ModelCall) => object);
}

/** What the model takes from a message afterwards; `replaces`: a word of the note that it contradicts. */
interface ScriptedFact {
  text: string;
  type: 'fact' | 'preference';
  confidence: number;
  replaces?: string;
}

export interface ScriptedTurn {
  says: string;
  /** What the model calls for, one step after the other, before it answers with `answers`. */
  calls?: ScriptedCall[];
  answers: string;
  facts?: ScriptedFact[];
  /** What the rule-based coach's reply holds, and what it must not. */
  coachSays?: RegExp;
  coachNeverSays?: RegExp;
}

export interface ScriptedDay {
  channel: Channel;
  /** Of the first message; the others follow every five minutes. */
  from: string;
  turns: ScriptedTurn[];
}

const phone = '+51 (987) 654-321';

/** The id of a goal, from what the model was told. */
const goal = (title: string) => (call: ModelCall) => {
  const [, id] = new RegExp(`- ([0-9a-f-]{36}): ${title}`, 'i').exec(call.system) ?? [];
  return { goal_id: id ?? 'not told' };
};
const logged = (title: string, more: object) => ({
  name: 'log_check_in',
  input: (call: ModelCall) => ({ ...goal(title)(call), ...more }),
});
const remember = (text: string, type: 'fact' | 'preference') => ({ name: 'remember', input: { text, type } });

/** Forty messages of one person, over three days and two channels: WhatsApp and SMS are one phone, Telegram is linked to it. */
export const conversation: ScriptedDay[] = [
  {
    channel: { type: 'whatsapp', address: phone },
    from: '2026-03-02T08:00:00Z',
    turns: [
      {
        says: "Hi, I'm Maya",
        calls: [{ name: 'set_preference', input: { name: 'name', value: 'Maya', words: "I'm Maya" } }],
        answers: 'Nice to meet you, Maya!',
      },
      {
        says: 'I want to run three times a week',
        calls: [{ name: 'create_goal', input: { title: 'run', target: { count: 3, period: 'week' } } }],
        answers: 'Running three times a week it is.',
      },
      {
        says: 'I also want to read 20 pages every day',
        calls: [{ name: 'create_goal', input: { title: 'read 20 pages', target: { count: 1, period: 'day' } } }],
        answers: 'Twenty pages a day, noted.',
      },
      {
        says: 'I live in Madrid and I work as a nurse',
        answers: 'Nursing in Madrid, that is a full life.',
        facts: [
          { text: 'I live in Madrid', type: 'fact', confidence: 0.95 },
          { text: 'I work as a nurse', type: 'fact', confidence: 0.95 },
        ],
      },
      { says: "I'm vegetarian", calls: [remember("I'm vegetarian", 'preference')], answers: 'Good to know.' },
      { says: 'My locker code at the gym is zebra', answers: 'Got it.' },
      {
        says: 'Went for a run this morning, mood 7, energy 6',
        calls: [logged('run', { mood: 7, energy: 6, note: 'Went for a run this morning' })],
        answers: 'First run of the week, well done!',
        coachSays: /1 of 3 done this week/,
      },
      { says: 'I read my 20 pages today', calls: [logged('read', { note: 'read' })], answers: 'One day in a row.' },
      {
        says: 'What do you know about me?',
        calls: [{ name: 'what_do_you_know', input: {} }],
        answers: 'You are Maya, you run and you read.',
        coachSays: /Your name is Maya\..*Run \(3 times a week\)/,
      },
      {
        says: 'Mornings work best for me',
        calls: [
          {
            name: 'set_preference',
            input: { name: 'time_of_day', value: 'morning', words: 'Mornings work best for me' },
          },
        ],
        answers: 'Mornings then.',
      },
      {
        says: 'My sister Lucia lives in Berlin',
        answers: 'Say hello to her.',
        facts: [{ text: 'My sister Lucia lives in Berlin', type: 'fact', confidence: 0.9 }],
        coachNeverSays: /Madrid/,
      },
      {
        says: 'How am I doing with my goals?',
        calls: [{ name: 'list_goals', input: {} }],
        answers: 'One run of three, and you read today.',
        coachSays: /1 of 1 done today.*1 of 3 done this week/,
      },
      { says: 'Thanks!', answers: 'Always.', coachSays: /welcome/ },
      { says: 'I slept badly last night', answers: 'Rest a little.' },
    ],
  },
  {
    channel: { type: 'telegram', address: '55501234' },
    from: '2026-03-03T07:00:00Z',
    turns: [
      { says: 'Good morning', answers: 'Good morning, Maya!', coachSays: /Maya/ },
      {
        says: 'I prefer the zen style',
        calls: [
          { name: 'set_preference', input: { name: 'personality', value: 'zen', words: 'I prefer the zen style' } },
        ],
        answers: 'Breathe in.',
      },
      {
        says: 'Mood 8 and energy 8 today',
        calls: [{ name: 'log_check_in', input: { mood: 8, energy: 8 } }],
        answers: 'A clear day.',
        coachSays: /mood 8, energy 8/,
      },
      { says: 'I read my 20 pages today', calls: [logged('read', { note: 'read' })], answers: 'Two days in a row.' },
      { says: 'Where do I live?', answers: 'In Madrid.', coachSays: /Madrid/ },
      {
        says: "That's wrong, I moved to Lima",
        calls: [remember('I moved to Lima', 'fact')],
        answers: 'Lima it is, thank you.',
        facts: [{ text: 'I moved to Lima', type: 'fact', confidence: 0.95, replaces: 'I live in Madrid' }],
      },
      { says: 'Where do I live now?', answers: 'In Lima.', coachSays: /Lima/ },
      { says: 'I am meeting my lawyer about the divorce', answers: 'That takes strength.' },
      {
        says: 'Forget that',
        calls: [{ name: 'forget_memory', input: { what: 'last' } }],
        answers: 'Forgotten.',
      },
      {
        says: 'My favourite colour is green',
        calls: [remember('My favourite colour is green', 'preference')],
        answers: 'Green as a garden.',
      },
      {
        says: 'I want to drink less coffee',
        calls: [{ name: 'create_goal', input: { title: 'drink less coffee', target: null } }],
        answers: 'One cup at a time.',
      },
      {
        says: 'What are my goals?',
        calls: [{ name: 'list_goals', input: {} }],
        answers: 'Running, reading, less coffee.',
        coachSays: /Drink less coffee.*Read 20 pages.*Run/,
      },
      { says: 'Thank you', answers: 'With you.', coachSays: /welcome/ },
    ],
  },
  {
    channel: { type: 'sms', address: '0051 987 654 321' },
    from: '2026-03-04T08:00:00Z',
    turns: [
      { says: 'Hello', answers: 'Hello, Maya.', coachSays: /Maya/ },
      {
        says: 'Ran 5 km this morning, mood 9, energy 8',
        calls: [logged('run', { mood: 9, energy: 8, note: 'Ran 5 km this morning' })],
        answers: 'Two runs. Steady.',
        coachSays: /2 of 3 done this week/,
      },
      {
        says: 'I read my 20 pages today',
        calls: [logged('read', { note: 'read' })],
        answers: 'Three days in a row.',
        coachSays: /streak 3 days/,
      },
      {
        says: 'My favourite colour is blue',
        calls: [remember('My favourite colour is blue', 'preference')],
        answers: 'Blue as the sea.',
        facts: [
          {
            text: 'My favourite colour is blue',
            type: 'preference',
            confidence: 0.9,
            replaces: 'My favourite colour is green',
          },
        ],
      },
      { says: 'What is my favourite colour?', answers: 'Blue.', coachSays: /blue/ },
      {
        says: 'Forget everything about my locker code',
        calls: [{ name: 'forget_memory', input: { about: 'locker code' } }],
        answers: 'Shall I forget one note about your locker code?',
        coachSays: /zebra/,
      },
      {
        says: 'Yes',
        calls: [{ name: 'forget_memory', input: { confirm: true } }],
        answers: 'It is gone.',
      },
      { says: 'What is my locker code?', answers: 'I do not know it.', coachNeverSays: /zebra/ },
      {
        says: 'Forget everything about my sister',
        calls: [{ name: 'forget_memory', input: { about: 'sister' } }],
        answers: 'Shall I forget what you told me about your sister?',
      },
      { says: 'No', answers: 'I keep it.' },
      { says: 'Where does my sister live?', answers: 'In Berlin.', coachSays: /Berlin/ },
      {
        says: 'Drop my coffee goal',
        calls: [{ name: 'update_goal', input: (call: ModelCall) => ({ ...goal('drink')(call), status: 'dropped' }) }],
        answers: 'Let it go.',
      },
      {
        says: 'What do you know about me?',
        calls: [{ name: 'what_do_you_know', input: {} }],
        answers: 'You are Maya, a nurse in Lima.',
        coachSays: /Lima/,
        coachNeverSays: /zebra|lawyer|divorce/,
      },
    ],
  },
];
