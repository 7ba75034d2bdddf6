import { countrySpecs, isValidIBAN } from 'ibantools';
import type { Span } from './span';

const beginning = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?=[ .\-\u200b]{0,2}[A-Z\d])/giu;
const separator = /[ .\-\u200b]/;

/** IBANs of every country that has them, in one piece or in groups: as long as the country's are, with their check digits. */
export function findIbans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { 0: found, index } of text.matchAll(beginning)) {
    const length = countrySpecs[found.slice(0, 2).toUpperCase()]?.chars;
    if (!length) continue;
    let [iban, end] = ['', index];
    for (let gap = 0; iban.length < length && end < text.length && gap < 3; end++) {
      const char = text.charAt(end);
      if (separator.test(char)) gap++;
      else if (/[A-Z\d]/i.test(char)) [iban, gap] = [iban + char, 0];
      else break;
    }
    const isWhole = iban.length === length && !/[\p{L}\p{N}]/u.test(text.charAt(end));
    if (isWhole && isValidIBAN(iban.toUpperCase())) spans.push({ kind: 'iban', start: index, end });
  }
  return spans;
}
