import { isOrdinary } from './password-words';
import { type Span, spansOf } from './span';

const notInWord = '(?<![\\p{L}\\p{N}])';
const quote = '["\'“”‘’«`]?';
const value = '[^\\s"“”«»`]{3,}';
const phrase = '(?<=["“«`])[^"“”«»`\\n]{1,100}(?=["”»`])';
const whose = '(?:\\s(?:for|of|to|at|on|in|del?|para|en)\\s[^.,;:=!?\\n"]{1,40}?)?';
const filler = '(?:(?:now|still|actually|just|currently|probably|ahora|todavía|actualmente)\\s)?';
const adjective = '(?:\\s(?:única|unica|secreta|nueva|actual|temporal|maestra|wifi|wi-fi))?';
const said =
  "(?:\\s{0,3}[\"']?\\s{0,3}(?::|=>?|->)|['’]s|\\s(?:is|was|are|will be|should be|es|era|será|sera)(?:\\s?:)?)\\s{0,3}";

const word =
  '(?:passwords?|passwd|pwd|passphrase|passcode|contraseñas?|contrasenas?|contrasen\\u0303as?|' +
  'clave(?=\\s(?:de\\s(?:acceso|usuario|ingreso)|del?\\s(?:wifi|wi-fi|correo|banco|email|router|celular))(?![\\p{L}])))';

/** The word and what it is said to be: "my password is X", "contraseña del wifi: X". */
const stated = new RegExp(
  `${notInWord}${word}${adjective}${whose}${said}${filler}${quote}(?<value>${phrase}|${value})`,
  'dgiu',
);
/** "password X", "change my password to X", "usa la clave X", "la clave es X": only what could be nothing else. */
const nearby = new RegExp(
  `${notInWord}(?:${word}|clave|pass(?=\\s{0,2}[:=]))${adjective}(?:${whose}${said}|\\s(?:to|a|por|en)\\s|\\s)${filler}${quote}(?<value>${value})`,
  'dgiu',
);
/** "X is my password", "X as the password". */
const before = new RegExp(
  `(?<![^\\s"“«(])(?<value>[^\\s"“”«»]{4,})["”»]?\\s(?:is|as|es|como)\\s(?:my|the|our|mi|la|nuestra|tu|your)\\s(?:new\\s)?${word}(?![\\p{L}\\p{N}])`,
  'dgiu',
);
/** Digits, and only where the word is there: PINs, card verification, codes for one time. */
const digits = new RegExp(
  `${notInWord}(?:pin|p\\.i\\.n\\.|nip|cvv2?|cvc2?|otp|(?:security|verification|one-time|sms|2fa)\\s(?:pass)?code|c[oó]digo\\sde\\s(?:seguridad|verificaci[oó]n))` +
    `(?:\\s(?:code|number|n[uú]mero|no|secreto|nuevo))?\\.?${whose}(?:${said}|\\s)${filler}["'“«#]?(?<value>\\d{3,8}|\\d\\d[ -]\\d\\d|\\d{3}[ -]\\d{3}|\\d(?: \\d){3,7})(?![\\p{L}\\p{N}/:%€$]|[.,-]\\d)`,
  'dgiu',
);
/** In the address of a service: `postgres://user:X@host`. */
const inUrl = /:\/\/[^\s:/@"'<>]{0,100}:(?<value>[^\s/"'<>]{1,200})@(?=[\p{L}\p{N}[])/dgu;

const trailing = /[.,;:!?)\]}'’]+$/;
const unit =
  /^\s(?:characters?|chars?|letters?|digits?|words?|symbols?|days?|weeks?|months?|years?|hours?|minutes?|times?|caracteres|letras|d[ií]gitos|s[ií]mbolos|d[ií]as|meses|años|veces|horas|minutos|palabras)\b/iu;
const placeholder = /^\[(?:password|api key|card|iban|e-mail|phone|address)/;

/** Passwords that are said to be some, in English and Spanish, PINs and codes with the word before them, and those in the addresses of services. */
export function findPasswords(text: string): Span[] {
  const isValue = (test: (found: string) => boolean) => (span: Span) => {
    const found = text.slice(span.start, span.end);
    return !placeholder.test(found) && !unit.test(text.slice(span.end, span.end + 20)) && test(found);
  };
  return [
    ...find(stated, text).filter(isValue(isStated)),
    ...find(nearby, text).filter(isValue(isTelling)),
    ...find(before, text).filter(isValue(isTelling)),
    ...find(digits, text).filter(isValue(() => true)),
    ...spansOf('password', inUrl, text, 1).filter(isValue(() => true)),
  ];
}

/** Without the marks that end a sentence. */
const find = (pattern: RegExp, text: string): Span[] =>
  [...text.matchAll(pattern)].flatMap(({ indices }): Span[] => {
    const [start = 0, end = 0] = indices?.groups?.value ?? [];
    const { length } = text.slice(start, end).replace(trailing, '');
    return length > 0 ? [{ kind: 'password', start, end: start + length }] : [];
  });

/** What is said to be the password may be a word like any other, unless it is one that passwords are spoken of with. */
const isStated = (found: string) =>
  !isOrdinary(found) && (/\s/.test(found) || isTelling(found) || /^[\p{L}'-]{5,}$/u.test(found));

/** What is no word of a sentence: letters with digits or signs among them, or at least four digits. */
const isTelling = (found: string) =>
  found.length >= 4 &&
  !/^https?:/i.test(found) &&
  (/^\d{4,}$/.test(found) ||
    (/\p{L}/u.test(found) &&
      /\d|[!@#$%^&*+=_?~<>|\\]/.test(found) &&
      !/^\d+(?:st|nd|rd|th|h|hs|pm|am|min|s|k|fa)$/i.test(found)));
