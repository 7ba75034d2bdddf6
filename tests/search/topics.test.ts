import { join } from 'node:path';
import { createMiniLm } from '../../shared/embedding/minilm';
import { createTerms } from '../../shared/embedding/terms';
import { createTopicClassifier } from '../../shared/search/topics';

const labelled: [sentence: string, topic: string | null][] = [
  ['My knee has been swollen since the fall', 'health'],
  ['The specialist changed my prescription again', 'health'],
  ['What medication do I take?', 'health'],
  ['I get hives whenever I touch latex', 'health'],
  ['Soy alérgica a los mariscos', 'health'],
  ['Me duele la cabeza desde el lunes y tengo fiebre', 'health'],
  ['I managed forty push-ups in a row', 'fitness'],
  ['Skipped leg day again', 'fitness'],
  ['My personal best for 5k is 24 minutes', 'fitness'],
  ['How often do I want to exercise?', 'fitness'],
  ['Quiero ir al gimnasio tres veces por semana', 'fitness'],
  ['Corrí diez kilómetros el domingo', 'fitness'],
  ['I cannot stand cilantro', 'food'],
  ['We tried the new Thai place around the corner', 'food'],
  ['My speciality is mushroom risotto', 'food'],
  ['What do I like for breakfast?', 'food'],
  ['Mi comida favorita es el pastel de choclo', 'food'],
  ['No como carne desde hace dos años', 'food'],
  ['I was hired as a nurse at the children ward', 'work'],
  ['My manager wants the quarterly report by Friday', 'work'],
  ['I am thinking of quitting and starting my own business', 'work'],
  ['Where do I work?', 'work'],
  ['Mi jefa me dio un ascenso', 'work'],
  ['Tengo una entrevista en una empresa de seguros', 'work'],
  ['I still owe four hundred on the car loan', 'money'],
  ['I put two hundred aside each month for emergencies', 'money'],
  ['Electricity is getting too expensive for us', 'money'],
  ['How much have I saved?', 'money'],
  ['Quiero ahorrar para comprar un auto', 'money'],
  ['Tengo que pagar la deuda de la tarjeta', 'money'],
  ['My daughter starts kindergarten in autumn', 'family'],
  ['Dad retired last spring', 'family'],
  ['I have two younger brothers', 'family'],
  ['What is the name of my niece?', 'family'],
  ['Mi abuela cumple noventa años', 'family'],
  ['Mis hijos se llaman Tomás y Elena', 'family'],
  ['My husband proposed to me under the stars', 'relationships'],
  ['I have not spoken to my ex since the separation', 'relationships'],
  ['Jonas has been my closest friend since childhood', 'relationships'],
  ['When is our wedding anniversary?', 'relationships'],
  ['Mi novio y yo terminamos', 'relationships'],
  ['I failed the chemistry test', 'learning'],
  ['My thesis is about coral reefs', 'learning'],
  ['I practise Italian vocabulary daily', 'learning'],
  ['Estoy estudiando para el examen de historia', 'learning'],
  ['We land in Lisbon at noon', 'travel'],
  ['I forgot my suitcase at the station', 'travel'],
  ['Where did I go on vacation?', 'travel'],
  ['Nuestro vuelo a Madrid sale el martes', 'travel'],
  ['The heating in our flat broke down', 'home'],
  ['I painted the bedroom walls green', 'home'],
  ['My landlord is replacing the windows', 'home'],
  ['Nos mudamos a una casa con jardín', 'home'],
  ['My beagle chewed up the slippers', 'pets'],
  ['The kitten sleeps on my keyboard', 'pets'],
  ['Mi perro se llama Rocco', 'pets'],
  ['I have been taking pottery lessons on weekends', 'hobbies'],
  ['I collect vinyl records', 'hobbies'],
  ['My favourite film is an old western', 'hobbies'],
  ['Toco la guitarra desde niño', 'hobbies'],
  ['I feel down and empty today', 'mood'],
  ['I am nervous about everything lately', 'mood'],
  ['mood 7, energy 5', 'mood'],
  ['Me siento muy cansada y triste', 'mood'],
  ['Wake me up at half past six', 'schedule'],
  ['Can we reschedule to Wednesday?', 'schedule'],
  ['Mornings suit me better than evenings', 'schedule'],
  ['Recuérdame llamar al banco mañana', 'schedule'],
  ['My locker is number 12', null],
  ['Okay, thanks!', null],
  ['What do you mean?', null],
  ['The colour is somewhere between grey and blue', null],
  ['Sí, claro', null],
  ['haha', null],
  ['The surgeon says I may walk without crutches in March', 'health'],
  ['I keep an inhaler in my jacket', 'health'],
  ['Tomo una pastilla para la presión', 'health'],
  ['Deadlifts are going well, I am up to ninety kilos', 'fitness'],
  ['Let us go rowing before sunrise', 'fitness'],
  ['Nado los martes y jueves', 'fitness'],
  ['Peanut butter on toast is my guilty pleasure', 'food'],
  ['Which dishes do I avoid?', 'food'],
  ['Prefiero el té verde', 'food'],
  ['The shift at the warehouse ends at ten', 'work'],
  ['I teach maths at a secondary school', 'work'],
  ['Trabajo como enfermero en Concepción', 'work'],
  ['My pension fund lost value', 'money'],
  ['I spend too much on taxis', 'money'],
  ['My cousin Irene moved in with her mother', 'family'],
  ['Who is my godfather?', 'family'],
  ['Mi hermano menor vive con mis padres', 'family'],
  ['Sam and I got engaged', 'relationships'],
  ['My flatmate and I are not on speaking terms', 'relationships'],
  ['I want to read up on statistics for the final exam', 'learning'],
  ['Estoy aprendiendo alemán', 'learning'],
  ['We camped two nights near the glacier in Iceland', 'travel'],
  ['¿Cuándo vence mi pasaporte?', 'travel'],
  ['The dishwasher is leaking again', 'home'],
  ['Our balcony gets sun all afternoon', 'home'],
  ['Whiskers needs her shots next month', 'pets'],
  ['I am knitting a scarf', 'hobbies'],
  ['Me encanta jugar al ajedrez', 'hobbies'],
  ['Everything feels pointless', 'mood'],
  ['Estoy muy contento con mi avance', 'mood'],
  ['Ping me every Sunday at nine', 'schedule'],
  ['I am busy until Thursday', 'schedule'],
  ['The code for the door is 4711', null],
  ['See you', null],
  ['My favourite number is seven', null],
  ['Qué bien', null],
];

const modelsPath = join(__dirname, '../../models');

describe('topics', () => {
  const terms = createTerms('auto');
  const embedder = createMiniLm({ modelsPath, terms });
  const classifier = createTopicClassifier(embedder, terms);
  const classify = async (text: string) => classifier.classify(text, await embedder.embed(text));

  it('names the topic of plain sentences in English and Spanish, and rarely a wrong one', async () => {
    const found = await Promise.all(labelled.map(([sentence]) => classify(sentence)));
    const misses = labelled.flatMap(([sentence, topic], i) =>
      found[i] === topic ? [] : [{ sentence, topic, found: found[i] }],
    );
    const wrong = misses.filter((miss) => miss.found !== null);
    const accuracy = 1 - misses.length / labelled.length;
    console.log(`topics: ${(accuracy * 100).toFixed(1)} % of ${labelled.length} right, ${wrong.length} wrong`, misses);
    expect(accuracy).toBeGreaterThanOrEqual(0.9);
    expect(wrong.length).toBeLessThanOrEqual(5);
  });

  it.each([
    ['nothing', ''],
    ['punctuation', '...'],
    ['an emoji', '🎉'],
    ['numbers', '12 13'],
    ['one endless word', 'x'.repeat(8000)],
  ])('has no topic for %s', async (_, text) => {
    expect(await classify(text)).toBeNull();
  });

  it('gives a question the topic of its answer', async () => {
    expect(await classify('What medication do I take?')).toBe(await classify('I take a pill for my blood pressure'));
    expect(await classify('¿Cómo se llama mi perro?')).toBe(await classify('My dog is called Rocco'));
  });

  it('embeds its sentences once', async () => {
    const fresh = createMiniLm({ modelsPath, terms });
    const topics = createTopicClassifier(fresh, terms);
    const text = await embedder.embed('I went to the gym');
    await Promise.all([topics.classify('I went to the gym', text), topics.classify('I went to the gym', text)]);
    const { misses } = fresh.cache();
    await topics.classify('I went to the gym', text);
    expect(misses).toBeGreaterThan(0);
    expect(fresh.cache()).toEqual({ hits: 0, misses });
  });

  it('rejects while the model cannot be loaded, and tries again', async () => {
    const text = await embedder.embed('I went to the gym');
    let broken = true;
    const flaky = {
      ...embedder,
      embed: (t: string) => (broken ? Promise.reject(new Error('no model')) : embedder.embed(t)),
    };
    const topics = createTopicClassifier(flaky, terms);
    await expect(topics.classify('I went to the gym', text)).rejects.toThrow('no model');
    broken = false;
    expect(await topics.classify('I went to the gym', text)).toBe('fitness');
  });
});
