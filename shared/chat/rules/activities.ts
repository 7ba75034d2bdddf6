/**
 * What people make goals of, so that "went for a run" counts for "correr tres veces por semana". `names`: every way to name
 * it; `done`: how somebody says they did it. Patterns over folded text.
 */
export interface Activity {
  name: string;
  names: string;
  done: string;
}

export const activities: readonly Activity[] = [
  {
    name: 'exercise',
    names:
      'work(?:ed|ing)? ?outs?|exercis(?:e|es|ed|ing)|gym|train(?:ed|ing)?|lift(?:ed|ing)?|ejercicios?|entren(?:ar|o|e|amientos?)|gimnasio|rutina|pesas|deporte',
    done: 'worked out|exercised|trained|lifted|went to the gym|hit the gym|entrene|fui al gimnasio',
  },
  {
    name: 'run',
    names: 'runs?|running|ran|jog(?:s|ged|ging)?|corr(?:er|o|i|iendo)|trot(?:ar|e)',
    done: 'ran|jogged|went (?:for a (?:run|jog)|running|jogging)|corri|trote|(?:sali|fui) a (?:correr|trotar)',
  },
  {
    name: 'walk',
    names: 'walk(?:s|ed|ing)?|steps|hik(?:e|ed|ing)|camin(?:ar|o|e|ata)|pasear|pasos',
    done: 'walked|hiked|went (?:for a (?:walk|hike)|walking|hiking)|camine|(?:sali|fui) a caminar',
  },
  {
    name: 'swim',
    names: 'swim(?:s|ming)?|swam|nad(?:ar|o|e)|natacion',
    done: 'swam|went (?:for a swim|swimming)|nade|fui a nadar',
  },
  {
    name: 'cycle',
    names: 'cycl(?:e|ed|ing)|bik(?:e|ed|ing)|bici(?:cleta)?|pedale(?:ar|e)',
    done: 'cycled|biked|went (?:for a (?:ride|bike ride)|cycling|biking)|pedalee',
  },
  { name: 'yoga', names: 'yoga|pilates', done: 'did (?:some )?(?:yoga|pilates)|hice (?:yoga|pilates)' },
  { name: 'stretch', names: 'stretch(?:es|ed|ing)?|estir(?:ar|o|e|amientos?)', done: 'stretched|estire|me estire' },
  { name: 'meditate', names: 'meditat(?:e|es|ed|ing|ion)|medit(?:ar|o|e|acion)', done: 'meditated|medite' },
  { name: 'read', names: 'read(?:s|ing)?|pages|books?|le(?:er|o|i|yendo)|paginas|lectura|libros?', done: 'read|lei' },
  {
    name: 'write',
    names: 'writ(?:e|es|ing|ten)|wrote|journal(?:ed|ing)?|escrib(?:ir|o|i)|diario',
    done: 'wrote|journal(?:l)?ed|escribi',
  },
  {
    name: 'study',
    names: 'stud(?:y|ies|ied|ying)|learn(?:s|ed|ing|t)?|estudi(?:ar|o|e|os)|aprend(?:er|o|i)',
    done: 'studied|learn(?:ed|t)|estudie|aprendi',
  },
  {
    name: 'practice',
    names: 'practi[cs](?:e|es|ed|ing)|practic(?:ar|o)|ensay(?:ar|o)',
    done: 'practi[cs]ed|practique|ensaye',
  },
  { name: 'sleep', names: 'sle(?:ep|eps|eping|pt)|dorm(?:ir|i)|duermo', done: 'slept|dormi' },
  {
    name: 'drink',
    names: 'drink(?:s|ing)?|drank|water|beb(?:er|o|i)|tom(?:ar|e) agua|agua',
    done: 'drank|had my water|bebi|tome',
  },
  { name: 'eat', names: 'eat(?:s|ing)?|ate|com(?:er|o|i)', done: 'ate|comi' },
  { name: 'cook', names: 'cook(?:s|ed|ing)?|cocin(?:ar|o|e)', done: 'cooked|cocine' },
  { name: 'save', names: 'sav(?:e|es|ed|ing)|ahorr(?:ar|o|e|os)', done: 'saved|ahorre' },
  { name: 'call', names: 'call(?:s|ed|ing)?|llam(?:ar|o|e)', done: 'called|llame' },
];
