/**
 * A RUT or RUN as people and registers write it: thousands apart or not, with leading zeros, any dash or none before the check digit, the
 * word before it. Points that are no thousands are refused: `12.345.678` is a RUT whose check digit is missing, and no `1.234.567-8`.
 */
const spelling = /^(?:R\.?U\.?[TN]\.?[\s:]*)?(\d{1,3}(?:[.,'\s]\d{3})+|\d+)\s?(?:\p{Pd}|\u2212)?\s?([\dK])$/iu;
const longestSpelling = 64;

export type RutFault = 'spelling' | 'length' | 'check_digit';

/** The check digit of a RUT's number: modulus 11, weights 2 to 7 from the right. Servicio de Registro Civil e Identificación, Chile. */
export function rutCheckDigit(number: string): string {
  const sum = [...number].reverse().reduce((total, digit, i) => total + Number(digit) * (2 + (i % 6)), 0);
  return '0k987654321'.charAt(sum % 11);
}

/** `12.345.678-K` as `12345678k`, or what is wrong with it: no RUT's spelling, not seven or eight digits, or another check digit. */
export function readRut(text: string): { rut: string } | { fault: RutFault } {
  if (text.length > longestSpelling) return { fault: 'spelling' };
  const plain = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim();
  const [, written = '', digit = ''] = spelling.exec(plain) ?? [];
  if (digit === '') return { fault: 'spelling' };
  const number = written.replace(/\D/g, '').replace(/^0+/, '');
  if (number.length < 7 || number.length > 8) return { fault: 'length' };
  const checkDigit = digit.toLowerCase();
  return checkDigit === rutCheckDigit(number) ? { rut: number + checkDigit } : { fault: 'check_digit' };
}
