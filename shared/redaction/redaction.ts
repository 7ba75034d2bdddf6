import type { Settings } from '../config/settings';
import { type Counts, redact } from './redact';
import type { Kind } from './span';

/** Masks what is stored of one request, and counts over all of it. */
export interface Masking {
  text(value: string): string;
  /** Strings and long numbers at any depth; a value is read with the key before it, as in "password: …". Anything that is none comes back as it is. */
  deep<T>(value: T): T;
  /** `{ redacted }` by kind, for the reply; {} where nothing was masked. */
  report(): { redacted?: Counts };
}

/** Begins a masking, as the setting `REDACT` says. Whoever stores words masks them first: nothing below masks anything. */
export type Redaction = () => Masking;

/** Fewer digits are no card's. */
const shortestCard = 13;

export function createRedaction({ REDACT: level }: Pick<Settings, 'REDACT'>): Redaction {
  return () => {
    const total: Counts = {};
    const count = (counts: Counts) => {
      for (const [kind, n] of Object.entries(counts) as [Kind, number][]) total[kind] = (total[kind] ?? 0) + n;
    };
    const text = (value: string): string => {
      const { text: masked, counts } = redact(value, level);
      count(counts);
      return masked;
    };
    const under = (key: string, value: string): string => {
      const label = `${key.replace(/([a-z])([A-Z])/g, '$1 $2')}: `;
      const { text: masked, counts } = redact(label + value, level);
      if (!masked.startsWith(label)) return text(value);
      count(counts);
      return masked.slice(label.length);
    };
    const deep = (value: unknown, key: string): unknown => {
      if (typeof value === 'string') return under(key, value);
      if (Array.isArray(value)) return value.map((item) => deep(item, key));
      if (typeof value === 'number' && String(value).length >= shortestCard) {
        const masked = under(key, String(value));
        return masked === String(value) ? value : masked;
      }
      if (value === null || typeof value !== 'object' || value instanceof Date) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, deep(inner, name)]));
    };
    return {
      text,
      deep: <T>(value: T) => (level === 'off' ? value : (deep(value, '') as T)),
      report: () => (Object.keys(total).length > 0 ? { redacted: { ...total } } : {}),
    };
  };
}
