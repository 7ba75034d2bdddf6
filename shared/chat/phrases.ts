import type { Memory } from '../memory/memory';
import { cut } from './cut';
import type { Asked, Forgotten } from './forget-tool';
import type { Goal } from './goals';
import type { Language } from './personalities/personality';
import type { PreferenceName } from './preferences';
import type { Target } from './streak';

export type Quoted = Pick<Memory, 'text' | 'type' | 'createdAt'>;

/** Facts in plain sentences, the same for every personality. Each states what it is given and nothing else. */
export interface Phrases {
  goal(goal: Pick<Goal, 'title' | 'target'>): string;
  progress(goal: Goal): string;
  goalChanged(goal: Goal): string;
  goalExists(goal: Goal): string;
  goalClosed(goal: Goal): string;
  whichGoal(goals: Goal[]): string;
  noGoals: string;
  checkIn(mood: number | null | undefined, energy: number | null | undefined): string;
  outOfScale: string;
  preference(name: PreferenceName, value: string): string;
  remembered: string;
  /** `speaker` is null for the person themselves. */
  quote(memory: Quoted, speaker: string | null): string;
  /** `before` is what was told, as a quote. */
  corrected(words: string, before: string | null): string;
  whatIsRight: string;
  askToForget(asked: Asked): string;
  forgotten(done: Forgotten): string;
  kept: string;
  notForgotten: string;
  closest: string;
  nothingOnThat: string;
  nothingYet: string;
  unreachable: string;
  /** To somebody in a group whom nobody knows. */
  stranger: string;
  notWritten: string;
  goalsUnreachable: string;
  thanks: string;
  help: string;
  crisis: string;
}

const maxQuote = 280;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const shorten = (text: string) => (text.length > maxQuote ? `${cut(text, maxQuote - 1).trimEnd()}…` : text);
const quoteAll = (texts: string[], open: string, close: string) =>
  texts.map((text) => `${open}${shorten(text)}${close}`).join('; ');
const dates: Record<Language, Intl.DateTimeFormat> = {
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
  es: new Intl.DateTimeFormat('es', { dateStyle: 'long', timeZone: 'UTC' }),
};
const lastDay = (end: Date) => new Date(end.getTime() - 1);
const join = (parts: (string | false | null)[]) => parts.filter(Boolean).join(', ');

const enPeriods = { day: ['day', 'today'], week: ['week', 'this week'], month: ['month', 'this month'] } as const;
const enTarget = ({ count, period }: Target) =>
  count === 1
    ? `every ${enPeriods[period][0]}`
    : `${count === 2 ? 'twice' : `${count} times`} a ${enPeriods[period][0]}`;
const enNotes = (count: number) => `${count} ${count === 1 ? 'note' : 'notes'}`;
const enStays = 'Goals, check-ins and what I call you stay as they are.';
const enGoal: Phrases['goal'] = ({ title, target }) => (target ? `${title} (${enTarget(target)})` : title);

const en: Phrases = {
  goal: enGoal,
  progress: (goal) => {
    const { target, doneThisPeriod, streak, nextDue, completed } = goal;
    if (!target)
      return `${capital(enGoal(goal))}: ${completed === 0 ? 'nothing logged yet' : `logged ${completed === 1 ? 'once' : `${completed} times`}`}.`;
    const unit = `${target.period}${streak === 1 ? '' : 's'}`;
    return `${capital(enGoal(goal))}: ${join([
      `${doneThisPeriod} of ${target.count} done ${enPeriods[target.period][1]}`,
      streak > 0 && `streak ${streak} ${unit}`,
      nextDue && `next due by ${dates.en.format(lastDay(nextDue))}`,
    ])}.`;
  },
  goalChanged: (goal) => `Changed: ${enGoal(goal)}.`,
  goalExists: (goal) => `That is already your goal: ${enGoal(goal)}.`,
  goalClosed: (goal) => (goal.status === 'done' ? `Marked as done: ${goal.title}.` : `Dropped: ${goal.title}.`),
  whichGoal: (goals) => `Which goal do you mean: ${goals.map(({ title }) => title).join('; ')}?`,
  noGoals: 'You have no active goals yet. Tell me one, for example "I want to walk twice a week".',
  checkIn: (mood, energy) => `Logged: ${join([mood != null && `mood ${mood}`, energy != null && `energy ${energy}`])}.`,
  outOfScale: 'I log mood and energy from 1 to 10; those numbers lie outside, so I logged nothing.',
  preference: (name, value) =>
    ({
      name: `Your name is ${value}.`,
      time_of_day: `The ${value} works for you.`,
      personality: `The ${value} coach works for you.`,
    })[name],
  remembered: 'I will remember that.',
  quote: ({ text, type, createdAt }, speaker) => {
    const day = dates.en.format(createdAt);
    const who = speaker ?? (type === 'conversation' ? 'you' : null);
    return who ? `On ${day} ${who} said: “${shorten(text)}”.` : `Noted on ${day}: “${shorten(text)}”.`;
  },
  corrected: (words, before) => `${before ? `${before} I take that back. ` : ''}Now noted: “${shorten(words)}”.`,
  whatIsRight: 'Thank you for saying so. Tell me what is right, and I will note it.',
  askToForget: ({ asked, examples }) => {
    if (asked === 0) return 'I have nothing noted about that, so there is nothing to forget.';
    const notes = `I have ${enNotes(asked)} to forget`;
    const some = examples.length
      ? `, ${asked > examples.length ? 'for example ' : ''}${quoteAll(examples, '“', '”')}`
      : '';
    return `${notes}${some}. Shall I forget ${asked === 1 ? 'it' : 'them'} for good? Answer yes or no. ${enStays}`;
  },
  forgotten: ({ forgotten, queued, failed, left }) =>
    [
      forgotten > 0 && `I forgot ${enNotes(forgotten)}. ${enStays}`,
      forgotten + failed === 0 && 'There was nothing noted to forget.',
      queued > 0 &&
        `${queued === forgotten ? 'The' : `${queued} of the`} copies in my long-term store follow once I reach it.`,
      failed > 0 && `${capital(enNotes(failed))} could not be forgotten just now.`,
      left > failed && `${capital(enNotes(left - failed))} more to go.`,
      left > 0 && 'Shall I go on? Answer yes or no.',
    ]
      .filter(Boolean)
      .join(' '),
  kept: 'All right, I forget nothing.',
  notForgotten: 'I could not do that just now, so nothing was forgotten; please ask me again a little later.',
  closest: 'I have no note that says exactly that. The closest one:',
  nothingOnThat: 'I have nothing noted about that.',
  nothingYet: 'I have nothing noted about you yet.',
  unreachable: "I can't reach my notes right now, so this is without them.",
  stranger: 'I do not know who is writing, so I have no notes for this and keep none.',
  notWritten: 'I could not write that down just now; please tell me again a little later.',
  goalsUnreachable: "I can't reach your goals right now.",
  thanks: 'You are welcome.',
  help: 'Tell me a goal ("I want to walk twice a week"), how you are ("mood 7, energy 5"), what you did ("did my walk today") or what works for you ("mornings work for me"). Ask "what do you know about me?" at any time, and say "forget that" or "forget everything about my job" when I should not know.',
  crisis:
    'I am really sorry that you are in so much pain. I am a bot and not the right help for this, but you deserve help now: please call your local emergency number or a crisis line, or tell somebody you trust.',
};

const esPeriods = { day: ['día', 'hoy'], week: ['semana', 'esta semana'], month: ['mes', 'este mes'] } as const;
const esTarget = ({ count, period }: Target) =>
  count === 1 ? `cada ${esPeriods[period][0]}` : `${count} veces por ${esPeriods[period][0]}`;
const esNotes = (count: number) => `${count} ${count === 1 ? 'nota' : 'notas'}`;
const esStays = 'Metas, registros y tu nombre quedan como están.';
const esGoal: Phrases['goal'] = ({ title, target }) => (target ? `${title} (${esTarget(target)})` : title);
const esUnits = { day: ['día', 'días'], week: ['semana', 'semanas'], month: ['mes', 'meses'] } as const;
const esTimes: Record<string, string> = {
  morning: 'la mañana',
  afternoon: 'la tarde',
  evening: 'la tarde',
  night: 'la noche',
};

const es: Phrases = {
  goal: esGoal,
  progress: (goal) => {
    const { target, doneThisPeriod, streak, nextDue, completed } = goal;
    if (!target)
      return `${capital(esGoal(goal))}: ${completed === 0 ? 'nada registrado todavía' : `registrado ${completed} ${completed === 1 ? 'vez' : 'veces'}`}.`;
    return `${capital(esGoal(goal))}: ${join([
      `${doneThisPeriod} de ${target.count} ${esPeriods[target.period][1]}`,
      streak > 0 && `racha de ${streak} ${esUnits[target.period][streak === 1 ? 0 : 1]}`,
      nextDue && `a más tardar el ${dates.es.format(lastDay(nextDue))}`,
    ])}.`;
  },
  goalChanged: (goal) => `Cambiado: ${esGoal(goal)}.`,
  goalExists: (goal) => `Esa ya es tu meta: ${esGoal(goal)}.`,
  goalClosed: (goal) => (goal.status === 'done' ? `Marcada como cumplida: ${goal.title}.` : `Retirada: ${goal.title}.`),
  whichGoal: (goals) => `¿A qué meta te refieres: ${goals.map(({ title }) => title).join('; ')}?`,
  noGoals: 'Todavía no tienes metas activas. Dime una, por ejemplo «quiero caminar dos veces por semana».',
  checkIn: (mood, energy) =>
    `Registrado: ${join([mood != null && `ánimo ${mood}`, energy != null && `energía ${energy}`])}.`,
  outOfScale: 'Registro ánimo y energía del 1 al 10; esos números quedan fuera, así que no registré nada.',
  preference: (name, value) =>
    ({
      name: `Te llamas ${value}.`,
      time_of_day: `Te funciona ${esTimes[value] ?? value}.`,
      personality: `Te funciona el estilo ${value}.`,
    })[name],
  remembered: 'Lo voy a recordar.',
  quote: ({ text, type, createdAt }, speaker) => {
    const day = dates.es.format(createdAt);
    const says = speaker ? `${speaker} dijo` : type === 'conversation' ? 'dijiste' : null;
    return says ? `El ${day} ${says}: «${shorten(text)}».` : `Anotado el ${day}: «${shorten(text)}».`;
  },
  corrected: (words, before) => `${before ? `${before} Eso ya no vale. ` : ''}Queda anotado: «${shorten(words)}».`,
  whatIsRight: 'Gracias por decirlo. Dime qué es lo correcto y lo anoto.',
  askToForget: ({ asked, examples }) => {
    if (asked === 0) return 'No tengo nada anotado sobre eso, así que no hay nada que olvidar.';
    const some = examples.length
      ? `, ${asked > examples.length ? 'por ejemplo ' : ''}${quoteAll(examples, '«', '»')}`
      : '';
    return `Tengo ${esNotes(asked)} por olvidar${some}. ¿${asked === 1 ? 'La' : 'Las'} olvido para siempre? Responde sí o no. ${esStays}`;
  },
  forgotten: ({ forgotten, queued, failed, left }) =>
    [
      forgotten > 0 && `Olvidé ${esNotes(forgotten)}. ${esStays}`,
      forgotten + failed === 0 && 'No había nada anotado que olvidar.',
      queued > 0 &&
        `${queued === forgotten ? 'Las' : `${queued} de las`} copias de mi memoria a largo plazo se borran en cuanto la alcance.`,
      failed > 0 && `No pude olvidar ${esNotes(failed)} en este momento.`,
      left > failed && `${left - failed === 1 ? 'Falta' : 'Faltan'} ${esNotes(left - failed)}.`,
      left > 0 && '¿Sigo? Responde sí o no.',
    ]
      .filter(Boolean)
      .join(' '),
  kept: 'De acuerdo, no olvido nada.',
  notForgotten: 'No pude hacerlo en este momento, así que no olvidé nada; pídemelo de nuevo en un rato, por favor.',
  closest: 'No tengo ninguna nota que diga exactamente eso. La más cercana:',
  nothingOnThat: 'No tengo nada anotado sobre eso.',
  nothingYet: 'Todavía no tengo nada anotado sobre ti.',
  unreachable: 'Ahora mismo no puedo consultar mis notas, así que respondo sin ellas.',
  stranger: 'No sé quién escribe, así que no tengo notas para esto ni guardo ninguna.',
  notWritten: 'No pude anotarlo en este momento; dímelo de nuevo en un rato, por favor.',
  goalsUnreachable: 'Ahora mismo no puedo consultar tus metas.',
  thanks: 'De nada.',
  help: 'Cuéntame una meta («quiero caminar dos veces por semana»), cómo estás («ánimo 7, energía 5»), qué hiciste («hoy caminé») o qué te funciona («prefiero las mañanas»). Pregunta «¿qué sabes de mí?» cuando quieras, y di «olvida eso» u «olvida todo sobre mi trabajo» si no debo saberlo.',
  crisis:
    'Siento mucho que estés pasando por tanto dolor. Soy un bot y no soy la ayuda adecuada para esto, pero mereces ayuda ya: llama a tu número local de emergencias o a una línea de crisis, o habla con alguien de confianza.',
};

export const phrases: Record<Language, Phrases> = { en, es };
