import type { Embedder, Embedding } from '../embedding/embedder';
import type { Language, Terms } from '../embedding/terms';
import { createDotKernel } from './dot-kernel';
import { sentenceCosines, toInt8 } from './sentence-vectors';
import { topicLexicon } from './topic-lexicon';

export interface TopicClassifier {
  /**
   * The topic of a memory or a query, a label of at most 64 characters, or null when none stands out. Rejects only when the model
   * cannot be loaded.
   */
  classify(text: string, embedding: Embedding): Promise<string | null>;
}

/** A first word of a topic counts this much cosine, a second one half of it, and so on. */
const wordWeight = 0.25;
/** Below this score a text has no topic, and where the runner-up is closer than the margin it has none either. */
const minScore = 0.28;
const minMargin = 0.01;

interface Topic {
  name: string;
  stems: Set<string>;
  /** Its sentences are rows `from` up to and without `to` of `Lexicon.sentences`. */
  from: number;
  to: number;
}

interface Lexicon {
  topics: Topic[];
  /** Row after row, see sentence-vectors.ts. */
  sentences: Int8Array;
}

/**
 * Topics by heuristic, their labels the lexicon's names: words of the lexicon and likeness to its two nearest sentences, added up.
 * The lexicon's sentences are embedded with the first text, which takes 0.2 s. Of everyday sentences it was not made with, about two
 * in three get the right topic: enough to break a tie in ranking, not to leave anything out.
 */
export function createTopicClassifier(embedder: Embedder, terms: Terms): TopicClassifier {
  const stemsOf = (words: string, language: Language) => words.split(' ').map((word) => terms.stem(word, language));
  const kernel = createDotKernel();
  const load = async (): Promise<Lexicon> => {
    const texts = Object.values(topicLexicon).flatMap(({ sentences }) => sentences);
    const embeddings = await Promise.all(texts.map((text) => embedder.embed(text, 'when idle')));
    const rows = embeddings.map(({ sentence }) => toInt8(sentence));
    let to = 0;
    const topics = Object.entries(topicLexicon).map(([name, { english, spanish, sentences }]): Topic => {
      const from = to;
      to += sentences.length;
      return { name, from, to, stems: new Set([...stemsOf(english, 'en'), ...stemsOf(spanish, 'es')]) };
    });
    return { topics, sentences: Int8Array.from(rows.flatMap((row) => [...row])) };
  };
  let loading: Promise<Lexicon> | undefined;

  const classify = ({ topics, sentences }: Lexicon, text: string, embedding: Embedding): string | null => {
    const stems = [...terms.terms(text).keys()];
    const cosines = sentenceCosines(kernel, sentences, embedding.sentence);
    const scored = topics.map(({ name, stems: known, from, to }) => {
      const found = stems.filter((stem) => known.has(stem)).length;
      const [first = 0, second = 0] = cosines.slice(from, to).sort().reverse();
      const likeness = (first + second) / 2;
      return { name, score: likeness + wordWeight * (2 - 2 ** (1 - found)) };
    });
    const [best, next] = scored.sort((a, b) => b.score - a.score);
    if (!best || best.score < minScore || best.score - (next?.score ?? 0) < minMargin) return null;
    return best.name;
  };
  // The embedder keeps the vectors of texts; their topics are kept for as long.
  const classified = new WeakMap<Embedding, string | null>();

  return {
    async classify(text, embedding) {
      loading ??= load().catch((error) => {
        loading = undefined;
        throw error;
      });
      const lexicon = await loading;
      let topic = classified.get(embedding);
      if (topic === undefined) topic = classify(lexicon, text, embedding);
      classified.set(embedding, topic);
      return topic;
    },
  };
}
