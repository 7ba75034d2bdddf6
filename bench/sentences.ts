/** Sentences as people write them to a bot, made from word lists: as many as wanted, the same ones for the same seed. */
export interface Sentences {
  statement(): string;
  /** Never the same one twice. */
  question(): string;
}

const words = (list: string) => list.trim().split(/\s*,\s*/);

const lists = {
  person:
    words(`my sister, my brother, my mother, my father, my aunt, my uncle, my cousin, my neighbour, my boss, my coach, my doctor,
    my dentist, my landlord, my teacher, my flatmate, my partner, my son, my daughter, my niece, my grandmother, Marta, Tomas, Elena, Pavel,
    Ines, Hugo, Freya, Omar, Lucia, Anders, Noor, Felix, Clara, Ivan, Rosa, Emil, Nadia, Oscar, Teresa, Viktor`),
  activity:
    words(`went running, played tennis, cooked dinner, baked bread, went swimming, read a novel, practised the piano, painted a door,
    fixed a bicycle, planted tomatoes, watched a film, took a long walk, studied Spanish, wrote a letter, cleaned the garage, rode a horse,
    climbed a hill, visited a museum, sang in the choir, played chess, repaired the roof, went fishing, bought groceries, skipped breakfast,
    slept badly, lifted weights, stretched for an hour, did yoga, worked late, went dancing, built a shelf, learned to knit, took photographs,
    sorted old papers, ordered a pizza, missed the bus, called the bank, walked the dog, went skiing, tried meditation`),
  thing:
    words(`umbrella, laptop, bicycle, violin, passport, suitcase, camera, wallet, ticket, necklace, kettle, carpet, lamp, notebook, guitar,
    helmet, jacket, blanket, telescope, toolbox, tent, mirror, teapot, printer, keyboard, rucksack, ladder, drill, freezer, sofa, bookcase,
    microphone, skateboard, watch, ring, scarf, coat, phone, charger, vase`),
  place:
    words(`the library, the station, the harbour, the bakery, the hospital, the old town, the park, the stadium, the airport, the market,
    the theatre, the office, the garden, the beach, the mountains, the village, the cellar, the attic, the gym, the pool, Lisbon, Oslo, Quito,
    Kyoto, Dublin, Prague, Valencia, Toronto, Nairobi, Lima, Bergen, Seville, Porto, Riga, Ghent, Turin, Hanoi, Perth, Tunis, Malmo`),
  time: words(`this morning, last night, on Monday, on Tuesday, on Wednesday, on Thursday, on Friday, on Saturday, on Sunday, two days ago,
    last week, last month, in January, in March, in May, in July, in September, in November, before lunch, after work, at noon, at dawn,
    at six in the evening, over the weekend, during the holidays, on my birthday, every other day, twice a week, once a month, in the spring`),
  quality:
    words(`green, heavy, broken, expensive, tiny, antique, wooden, noisy, borrowed, brand new, second-hand, striped, yellow, waterproof,
    leather, rusty, elegant, foldable, dusty, silver, blue, enormous, fragile, handmade, portable, red, plastic, faded, spare, black`),
  feeling:
    words(`tired, proud, nervous, relieved, hungry, excited, lonely, calm, annoyed, grateful, worried, curious, cheerful, bored, hopeful,
    confused, restless, confident, sad, surprised, motivated, sleepy, content, jealous, stressed, energetic, homesick, inspired, guilty, ready`),
  food: words(`lentil soup, rice and beans, an apple pie, roast chicken, a cheese sandwich, mushroom risotto, grilled fish, pancakes, porridge,
    a fruit salad, spinach pasta, fried eggs, dark chocolate, a bowl of noodles, potato salad, peanut butter, vegetable curry, a burrito,
    tomato soup, oatmeal cookies, green tea, black coffee, orange juice, ginger ale, a banana smoothie, goat cheese, olives, walnuts, figs,
    honey`),
};

const statements = [
  'I {activity} with {person} {time}.',
  'My {quality} {thing} is in {place} since {time}.',
  '{person} gave me a {quality} {thing} {time}.',
  'I felt {feeling} {time} because {person} {activity}.',
  '{person} lives near {place} and has {food} for lunch {time}.',
  'I want to buy a {quality} {thing} before we travel to {place}.',
  'We had {food} in {place} {time} and I was {feeling}.',
  'My locker number is {number}, and the {thing} in it is {quality}.',
  'I {activity} for {number} minutes {time} and felt {feeling}.',
  '{person} is allergic to {food}, so we {activity} instead.',
];

const questions = [
  'Where is my {quality} {thing}?',
  'What did I do with {person} {time}?',
  'Who gave me the {thing} in {place}?',
  'How did I feel {time} when {person} {activity}?',
  'When did we have {food} in {place}?',
  'What does {person} think of {food}?',
  'Which number is the locker with the {quality} {thing}?',
  'How many minutes was I {feeling} after I {activity}?',
];

export function createSentences(seed: number): Sentences {
  const random = createRandom(seed);
  const oneOf = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const fill = (template: string) =>
    template.replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'number' ? String(1 + Math.floor(random() * 900)) : oneOf(lists[name as keyof typeof lists]),
    );
  const asked = new Set<string>();
  return {
    statement: () => fill(oneOf(statements)).replace(/^\w/, (letter) => letter.toUpperCase()),
    question: () => {
      let question = fill(oneOf(questions));
      while (asked.has(question)) question = fill(oneOf(questions));
      asked.add(question);
      return question;
    },
  };
}

/** Numbers from 0 to 1 (mulberry32, Tommy Ettinger, public domain). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
