import { findPhoneNumbersInText } from 'libphonenumber-js/min';
import { type Span, spansOf } from './span';

/** As people write them at home: nobody says which country that is, so only with a word for it, or in a shape that nothing else has. */
const called =
  /(?<![\p{L}\p{N}])(?:phone|telephone|tel|cell|cellphone|mobile|whatsapp|call me(?: back)?|reach me|text me|tel[eé]fono|fono|celular|m[oó]vil|ll[aá]mame|ll[aá]menme)(?:\s(?:number|n[uú]mero|no))?\.?(?:\s(?:is|at|on|es|al?|en|n[º°]))?\s{0,2}[:=]?\s{0,2}(\(?\d(?:[ ().\-/\u200b]{0,2}\d){6,13})(?![\p{L}\p{N}])/dgiu;
const american =
  /(?<![\p{L}\p{N}.-])(\([2-9]\d\d\)[ -]?[2-9]\d\d[ .-]\d{4}|[2-9]\d\d([.-])[2-9]\d\d\2\d{4})(?![\p{L}\p{N}]|[.-]\d)/dgu;

/** Phone numbers with their country code in any spelling, and others where they are called so. */
export function findPhones(text: string): Span[] {
  if (!/\d/.test(text)) return [];
  const international = text.includes('+') ? findPhoneNumbersInText(text, { extended: true }) : [];
  return [
    ...international.map(({ startsAt, endsAt }): Span => ({ kind: 'phone', start: startsAt, end: endsAt })),
    ...spansOf('phone', called, text, 1),
    ...spansOf('phone', american, text, 1),
  ];
}
