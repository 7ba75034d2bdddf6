import type { Memory } from '../memory/memory';
import { cut } from './cut';
import type { Goal } from './goals';
import type { Language } from './personalities/personality';
import type { PreferenceName } from './preferences';
import type { Target } from './streak';

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
  quote(memory: Memory, speaker: string | null): string;
  closest: string;
  nothingOnThat: string;
  nothingYet: string;
  unreachable: string;
  notWritten: string;
  goalsUnreachable: string;
  thanks: string;
  help: string;
  crisis: string;
}

const maxQuote = 280;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const shorten = (text: string) => (text.length > maxQuote ? `${cut(text, maxQuote - 1).trimEnd()}…` : text);
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
      personality: `You like me as your ${value} coach.`,
    })[name],
  remembered: 'I will remember that.',
  quote: ({ text, type, createdAt }, speaker) => {
    const day = dates.en.format(createdAt);
    const who = speaker ?? (type === 'conversation' ? 'you' : null);
    return who ? `On ${day} ${who} said: “${shorten(text)}”.` : `Noted on ${day}: “${shorten(text)}”.`;
  },
  closest: 'I have no note that says exactly that. The closest one:',
  nothingOnThat: 'I have nothing noted about that.',
  nothingYet: 'I have nothing noted about you yet.',
  unreachable: "I can't reach my notes right now, so this is without them.",
  notWritten: 'I could not write that down just now; please tell me again a little later.',
  goalsUnreachable: "I can't reach your goals right now.",
  thanks: 'You are welcome.',
  help: 'Tell me a goal ("I want to walk twice a week"), how you are ("mood 7, energy 5"), what you did ("did my walk today") or what works for you ("mornings work for me"). Ask "what do you know about me?" at any time.',
  crisis:
    'I am really sorry that you are in so much pain. I am a bot and not the right help for this, but you deserve help now: please call your local emergency number or a crisis line, or tell somebody you trust.',
};

const esPeriods = { day: ['día', 'hoy'], week: ['semana', 'esta semana'], month: ['mes', 'este mes'] } as const;
const esTarget = ({ count, period }: Target) =>
  count === 1 ? `cada ${esPeriods[period][0]}` : `${count} veces por ${esPeriods[period][0]}`;
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
      personality: `Te gusta que te hable con el estilo ${value}.`,
    })[name],
  remembered: 'Lo voy a recordar.',
  quote: ({ text, type, createdAt }, speaker) => {
    const day = dates.es.format(createdAt);
    const says = speaker ? `${speaker} dijo` : type === 'conversation' ? 'dijiste' : null;
    return says ? `El ${day} ${says}: «${shorten(text)}».` : `Anotado el ${day}: «${shorten(text)}».`;
  },
  closest: 'No tengo ninguna nota que diga exactamente eso. La más cercana:',
  nothingOnThat: 'No tengo nada anotado sobre eso.',
  nothingYet: 'Todavía no tengo nada anotado sobre ti.',
  unreachable: 'Ahora mismo no puedo consultar mis notas, así que respondo sin ellas.',
  notWritten: 'No pude anotarlo en este momento; dímelo de nuevo en un rato, por favor.',
  goalsUnreachable: 'Ahora mismo no puedo consultar tus metas.',
  thanks: 'De nada.',
  help: 'Cuéntame una meta («quiero caminar dos veces por semana»), cómo estás («ánimo 7, energía 5»), qué hiciste («hoy caminé») o qué te funciona («prefiero las mañanas»). Pregunta «¿qué sabes de mí?» cuando quieras.',
  crisis:
    'Siento mucho que estés pasando por tanto dolor. Soy un bot y no soy la ayuda adecuada para esto, pero mereces ayuda ya: llama a tu número local de emergencias o a una línea de crisis, o habla con alguien de confianza.',
};

export const phrases: Record<Language, Phrases> = { en, es };
