/** Words by which claims are told apart, English and Spanish, folded. */

/** What somebody can be by profession, and its Spanish forms: "soy enfermera" and "I am a nurse" claim the same. */
const professions: Record<string, string> = {
  ...{
    accountant: 'contador|contadora|contable',
    actor: 'actor|actriz',
    actress: '',
    analyst: 'analista',
    architect: 'arquitecto|arquitecta',
  },
  ...{
    artist: 'artista',
    assistant: 'asistente',
    baker: 'panadero|panadera',
    banker: 'banquero|banquera',
    barista: '',
    bartender: 'camarero',
  },
  ...{
    biologist: 'biologo|biologa',
    builder: 'albanil',
    carpenter: 'carpintero|carpintera',
    chef: 'chef',
    chemist: 'quimico|quimica',
  },
  ...{
    cleaner: 'limpiador|limpiadora',
    coach: 'entrenador|entrenadora',
    consultant: 'consultor|consultora',
    cook: 'cocinero|cocinera',
  },
  ...{
    dancer: 'bailarin|bailarina',
    dentist: 'dentista',
    designer: 'disenador|disenadora',
    developer: 'desarrollador|desarrolladora',
  },
  ...{
    director: 'director|directora',
    doctor: 'medico|medica|doctor|doctora',
    driver: 'conductor|conductora|chofer',
    economist: 'economista',
  },
  ...{
    editor: 'editor|editora',
    electrician: 'electricista',
    engineer: 'ingeniero|ingeniera',
    farmer: 'agricultor|agricultora',
  },
  ...{
    firefighter: 'bombero|bombera',
    gardener: 'jardinero|jardinera',
    hairdresser: 'peluquero|peluquera',
    journalist: 'periodista',
  },
  ...{
    judge: 'juez|jueza',
    lawyer: 'abogado|abogada',
    librarian: 'bibliotecario|bibliotecaria',
    manager: 'gerente',
    mechanic: 'mecanico|mecanica',
  },
  ...{
    midwife: 'matrona|partera',
    musician: 'musico|musica',
    nurse: 'enfermero|enfermera',
    nutritionist: 'nutricionista',
    optician: 'optico|optica',
  },
  ...{
    painter: 'pintor|pintora',
    paramedic: 'paramedico|paramedica',
    pharmacist: 'farmaceutico|farmaceutica',
    photographer: 'fotografo|fotografa',
  },
  ...{
    physicist: 'fisico|fisica',
    physiotherapist: 'fisioterapeuta|kinesiologo|kinesiologa',
    pilot: 'piloto',
    plumber: 'fontanero|plomero|gasfiter',
  },
  ...{
    policeman: 'policia',
    postman: 'cartero|cartera',
    professor: 'catedratico|catedratica',
    programmer: 'programador|programadora',
  },
  ...{
    psychologist: 'psicologo|psicologa',
    receptionist: 'recepcionista',
    researcher: 'investigador|investigadora',
    sailor: 'marinero|marinera',
  },
  ...{
    scientist: 'cientifico|cientifica',
    secretary: 'secretario|secretaria',
    seller: 'vendedor|vendedora',
    singer: 'cantante',
    soldier: 'soldado',
  },
  ...{
    student: 'estudiante',
    surgeon: 'cirujano|cirujana',
    tailor: 'sastre',
    teacher: 'profesor|profesora|maestro|maestra',
    technician: 'tecnico|tecnica',
  },
  ...{
    therapist: 'terapeuta',
    translator: 'traductor|traductora',
    veterinarian: 'veterinario|veterinaria',
    vet: '',
    waiter: 'camarera|mesero|mesera',
  },
  ...{ waitress: '', writer: 'escritor|escritora' },
};
const byWord = (words: Record<string, string>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(words).flatMap(([word, others]) =>
      [word, ...others.split('|').filter(Boolean)].map((each) => [each, word]),
    ),
  );
export const professionOf = byWord(professions);

/** Who somebody speaks of. */
const relations: Record<string, string> = {
  ...{
    sister: 'hermana',
    brother: 'hermano',
    mother: 'mom|mum|madre|mama',
    father: 'dad|padre|papa',
    wife: 'esposa|mujer',
    husband: 'esposo|marido',
  },
  ...{
    partner: 'pareja',
    girlfriend: 'novia|polola',
    boyfriend: 'novio|pololo',
    son: 'hijo',
    daughter: 'hija',
    boss: 'jefe|jefa',
    parents: 'padres',
  },
  ...{ grandmother: 'grandma|abuela', grandfather: 'grandpa|abuelo', 'best friend': 'mejor amigo|mejor amiga' },
};
export const relationOf = byWord(relations);
/** Those whom somebody has one of, and animals that people call by name. */
const named: Record<string, string> = {
  ...{
    mother: 'mom|mum|madre|mama',
    father: 'dad|padre|papa',
    wife: 'esposa|mujer',
    husband: 'esposo|marido',
    partner: 'pareja',
  },
  ...{ girlfriend: 'novia|polola', boyfriend: 'novio|pololo', boss: 'jefe|jefa' },
  ...{
    dog: 'perro|perra|perrito|perrita',
    cat: 'gato|gata|gatito|gatita',
    horse: 'caballo',
    parrot: 'loro',
    rabbit: 'conejo|coneja',
    pet: 'mascota',
  },
};
export const namedOf = byWord(named);

/** What can be somebody's favourite, where the languages differ. */
export const favouriteOf = byWord({
  ...{
    color: 'colour',
    food: 'comida',
    movie: 'film|pelicula',
    book: 'libro',
    song: 'cancion',
    sport: 'deporte',
    city: 'ciudad',
    team: 'equipo',
  },
  ...{
    music: 'musica',
    drink: 'bebida',
    fruit: 'fruta',
    season: 'estacion',
    number: 'numero',
    day: 'dia',
    dish: 'plato',
    series: 'serie',
  },
});

export const dietOf = byWord({
  ...{
    vegan: 'vegano|vegana',
    vegetarian: 'veggie|vegetariano|vegetariana',
    pescatarian: 'pescetarian|pescetariano|pescetariana|pescatariana',
  },
  ...{ omnivore: 'omnivoro|omnivora|meat|everything|carne|todo' },
});

export const maritalStatusOf = byWord({
  ...{
    married: 'casado|casada|case',
    single: 'soltero|soltera',
    divorced: 'divorciado|divorciada|divorcie',
    engaged: 'comprometido|comprometida',
  },
  ...{ widowed: 'viudo|viuda|a widow|a widower|enviude', separated: 'separado|separada|separe' },
});

/** Who pays nobody: "I work at night", "for myself". */
export const noEmployer = new Set(
  `a an the my our your his her their night nights home sea myself me free fun school hospital work least most this that it him them weekends hours
  minimum wage peanuts love money dawn noon mi un una el la mi`.split(/\s+/),
);
