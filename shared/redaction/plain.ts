/** Stands where there is nothing to see: within a number it counts as a separator. */
const nothing = '\u200b';

const unusual = /[^\0-\x7f]/;
const look =
  /(?<digit>\p{Nd})|(?<space>[\p{Zs}\u2028\u2029])|(?<dash>[\p{Pd}\u2212\u2043])|(?<dot>[\u00b7\u2022\u2024\u2027\u30fb])|(?<hidden>\p{Cf})|(?<wide>[\uff01-\uff5e])/gu;

/**
 * A text as the finders read it, unit for unit as long: digits of any script, spaces, dashes and dots of any kind and full-width letters as
 * their ASCII sisters. Emphasis and accents stay.
 */
export function toPlain(text: string): string {
  if (!unusual.test(text)) return text;
  return text.replace(look, (found, digit, space, dash, dot, hidden) => {
    const one = digit ? digitOf(digit) : space ? ' ' : dash ? '-' : dot ? '.' : hidden ? nothing : narrow(found);
    return one + nothing.repeat(found.length - 1);
  });
}

/** The digits of every script stand in runs of ten, from 0 to 9. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}

const narrow = (wide: string) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0);
