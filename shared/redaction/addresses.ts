import { type Span, spansOf } from './span';

/** Words of a street's name: at most four, the first with a capital, so that "12 people on the street" is none. */
const name = "[\\p{Lu}\\d][\\p{L}\\p{N}'’.]{0,30}";
const rest = "(?:[ -][\\p{L}\\p{N}'’.]{1,30}){0,3}";
const anyName = "[\\p{L}\\d][\\p{L}\\p{N}'’.]{0,30}";

const street =
  '(?:[Ss]treet|[Ss]t|[Aa]venue|[Aa]ve|[Rr]oad|[Rr]d|[Bb]oulevard|[Bb]lvd|[Ll]ane|[Ll]n|[Dd]rive|[Dd]r|[Cc]ourt|[Cc]t|[Pp]lace|[Pp]l|[Ss]quare|[Ss]q|' +
  '[Tt]errace|[Hh]ighway|[Hh]wy|[Pp]arkway|[Pp]kwy|[Cc]rescent|[Cc]lose|[Ww]ay)(?![\\p{L}\\p{N}])';
const flat =
  '(?:\\.?,?\\s(?:NE|NW|SE|SW|[NSEW])(?![\\p{L}\\p{N}]))?(?:\\.?,?\\s(?:[Aa]pt|[Aa]partment|[Ss]uite|[Ss]te|[Uu]nit|[Ff]lat|[Ff]loor|#)\\.?\\s?#?[\\p{L}\\p{N}-]{1,6})?';
const cue =
  '(?<=(?:live at|living at|lives at|address is|address:|ship it to|deliver to|ship to|send it to|deliver it to|come to|move to|moved to)\\s)';

const calle =
  '(?:[Cc]alle|[Aa]venida|[Aa]vda|[Aa]v|[Pp]aseo|[Pp]asaje|[Pp]je|[Pp]laza|[Cc]arrera|[Cc]ra|[Cc]amino|[Cc]arretera|[Rr]onda|[Tt]ravesía|[Jj]irón|[Jj]r|[Cc]/|[Cc]alzada|[Bb]oulevard|[Pp]rivada)';
const casa =
  '(?:,?\\s(?:[Dd]e?pto|[Dd]epartamento|[Pp]iso|[Oo]f|[Oo]ficina|[Cc]asa|[Bb]lock|[Tt]orre|[Pp]uerta|[Ii]nt|[Ii]nterior|[Ll]ocal)\\.?\\s?[\\p{L}\\p{N}º°-]{1,6})*';

const patterns = [
  // 12 Main Street, apt. 4B
  `\\d{1,6}\\p{L}?\\s(?:[NSEW]\\.?\\s)?${name}${rest}[ -]${street}${flat}`,
  `${cue}\\d{1,6}\\p{L}?\\s${anyName}${rest}[ -]${street}${flat}`,
  // Avenida Providencia 1234, depto 56
  `${calle}\\.?\\s?(?:(?:de|del|la|los|las|el)\\s){0,2}${name}${rest},?\\s(?:[Nn][º°o]?\\.?\\s?|[Nn]úm(?:ero)?\\.?\\s|#\\s?)?\\d{1,5}\\p{L}?${casa}`,
  // Calle 12 #34-56
  `${calle}\\.?\\s\\d{1,3}\\s?\\p{L}?\\s?(?:#|[Nn][º°o]\\.?)\\s?\\d{1,3}\\s?\\p{L}?\\s?-\\s?\\d{1,3}${casa}`,
].map((pattern) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, 'dgu'));

/** Streets with a house number, as English and Spanish write them. */
export const findAddresses = (text: string): Span[] =>
  /\d/.test(text) ? patterns.flatMap((pattern) => spansOf('address', pattern, text)) : [];
