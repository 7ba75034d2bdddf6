import { cut } from '../chat/cut';
import type { Metadata } from '../memory/memory';

/** As long as a message. */
const maxText = 8_000;

const worded = (key: string, value: unknown): string[] => {
  const isSaid = (typeof value === 'string' && value.trim() !== '') || typeof value === 'number' || value === true;
  return key !== 'id' && isSaid ? [`${key.replaceAll('_', ' ')}: ${String(value).trim()}`] : [];
};

/** What is remembered of a lead: a line of its fields, then what the call was about. What lists and objects hold stays in the metadata. */
export function leadText(data: Metadata, transcriptSummary: string | null): string {
  const fields = Object.entries(data).flatMap(([key, value]) => worded(key, value));
  return cut([['Lead', ...fields].join('; '), transcriptSummary].filter(Boolean).join('\n'), maxText);
}
