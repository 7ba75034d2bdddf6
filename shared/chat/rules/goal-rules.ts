import type { Language } from '../personalities/personality';

/**
 * How people announce a goal. `vow`: always one. `wish`: one when it comes with a frequency or with something people work
 * on ("I want to learn Italian", but not "I want to know the time"). `duty`: only with a frequency.
 */
export interface GoalTrigger {
  language: Language;
  strength: 'vow' | 'wish' | 'duty';
  pattern: RegExp;
}

export const goalTriggers: readonly GoalTrigger[] = [
  {
    language: 'en',
    strength: 'vow',
    pattern:
      /\b(?:my (?:new |main |next |other )?(?:goal|aim|target|resolution)(?:'s| is| will be)(?: to)?|(?:set|create|add|make|start|track)(?: me)? (?:a |an |the )?(?:new )?goal(?: to| of| for|:)?|(?:new )?goal:|i commit (?:myself )?to|i(?:'ve| have)? decided to|i promise (?:myself )?to) /,
  },
  {
    language: 'en',
    strength: 'wish',
    pattern:
      /(?<!\b(?:if|when|that|why|not) )\b(?:i (?:really |also |still |now |just )?(?:want|would (?:really )?(?:like|love)|plan|intend|hope|aim|wish|am trying|am planning|am aiming) to|i'd (?:really |also )?(?:like|love) to|i'm (?:trying|planning|aiming) to|i wanna|help me(?: to)?) /,
  },
  {
    language: 'en',
    strength: 'duty',
    pattern:
      /(?<!\b(?:if|when|that|why|not) )\b(?:i (?:need|have|ought) to|i (?:should|must|will)|i'll|i'm going to|i am going to|i'm gonna|let's) /,
  },
  {
    language: 'es',
    strength: 'vow',
    pattern:
      /\b(?:mi (?:nueva |nuevo |proxima |proximo )?(?:meta|objetivo|proposito) (?:es|sera)|(?:crea|pon|anade|agrega|apunta)(?:me)? (?:una |un )?(?:nueva |nuevo )?(?:meta|objetivo)(?: de|:)?|(?:nueva |nuevo )?(?:meta|objetivo):|me comprometo a|he decidido|me propongo) /,
  },
  {
    language: 'es',
    strength: 'wish',
    pattern:
      /(?<!\b(?:no|si|cuando|que) )\b(?:quiero|quisiera|me gustaria|planeo|deseo|intento|estoy intentando|pretendo|ayudame a) /,
  },
  {
    language: 'es',
    strength: 'duty',
    pattern: /(?<!\b(?:no|si|cuando|que) )\b(?:tengo que|necesito|debo|deberia|voy a) /,
  },
];

/** What somebody who wishes to do it is taken at their word for, even without a frequency. */
export const aspiration =
  /^(?:learn|lose|quit|stop|start|build|improve|save|exercise|work out|train|run|jog|meditate|practi[cs]e|sleep|eat (?:less|more|better|health)|drink (?:less|more|\d)|write (?:a|my|more)|walk|swim|study|reduce|cut|gain|read (?:more|\d)|get (?:fit|in shape|into shape|stronger|healthier|better at|up)|be (?:more|less|better|healthier|fitter)|wake up|finish (?:my|the|a)|become|aprender|perder|dejar de|empezar a|mejorar|ahorrar|correr|entrenar|hacer (?:ejercicio|deporte|mas)|ir al gimnasio|meditar|leer (?:mas|\d)|dormir|comer (?:mejor|menos|mas|sano)|beber (?:mas|menos)|nadar|caminar|estudiar|practicar|bajar de peso|ponerme en forma|terminar (?:mi|el|la)|levantarme)\b/;

/** What a goal's title does not begin with or end in. */
export const titleOpeners = /^(?:to |a |that i |also |then |and |y |de |que |:|-)+/;
export const titleClosers =
  /(?:[\s,.;:!-]|\b(?:please|from now on|and|then|also|at least|por favor|y|a partir de ahora|al menos))+$/;
/** Words after a frequency that still belong to the goal: "work out three times a week with Ben". */
export const titleTail = /^ (?:with|before|after|in|at|for|on|con|antes|despues|por|en|para) /;

/** "I reached my goal", "drop my running goal", "change my reading goal to five times a week". */
export const goalChanges = [
  {
    status: 'done',
    pattern:
      /\b(?:(?:reached|achieved|completed|accomplished|finished|mark|complete|close)\b.{0,40}\bgoal|(?:logre|alcance|cumpli|complete|termine)\b.{0,15}\b(?:meta|objetivo))\b/,
  },
  {
    status: 'dropped',
    pattern:
      /\b(?:(?:drop|delete|remove|cancel|abandon|give up(?: on)?|forget)\b (?:my|the) .{0,40}\bgoal|(?:borra|elimina|cancela|abandono|olvida|quita)\b(?!.* (?:sobre|acerca de) ).{0,15}\b(?:meta|objetivo))\b/,
  },
  {
    status: null,
    pattern:
      /\b(?:(?:change|update|make|adjust|move) my .{0,60}\bgoal\b.{0,60}\bto\b|(?:cambia|ajusta|actualiza) (?:mi|la|el) (?:meta|objetivo)\b)/,
  },
] as const;
