/**
 * A value of a JSON file of any size, as bytes that are still to be parsed: an element of the array that the file is, or of an array that
 * is a field of it (`$.memories[12]`), or another field (`$.version`). `damage`: what stands there is none.
 */
export interface JsonElement {
  path: string;
  /** Where it begins, from 1. */
  line: number;
  bytes: Buffer;
  damage: 'truncated' | 'not_json' | 'too_large' | null;
}

const [quote, backslash, comma, colon, newline] = [0x22, 0x5c, 0x2c, 0x3a, 0x0a];
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d];
const isBlank = (byte: number) => byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09;
const nothing = Buffer.alloc(0);

/** Longer ones are passed over. */
const longest = 1_048_576;

type State = 'before' | 'array' | 'object' | 'key' | 'colon' | 'value' | 'element' | 'lost' | 'after' | 'over';

/**
 * Cuts JSON into its elements as the bytes come, so that memory holds one of them at a time, and knows the line of each. A parser stops at
 * the first damage; here the elements after it are found again where each begins a line of its own, as exports write them: there the next
 * one begins with the next line that is indented alike. Takes files of one level, that is all exports.
 */
export function createJsonElements() {
  let state: State = 'before';
  let isArrayFile = false;
  let field = '';
  let index = 0;
  let line = 1;
  /** Bytes of this line so far, and whether they all are blank. */
  let column = 0;
  let isLineBlank = true;
  /** How far elements that begin a line are indented; null before there was one. */
  let indent: number | null = null;
  let isCautious = false;

  let open: number[] = [];
  let inString = false;
  let isEscaped = false;
  let startLine = 1;
  let parts: Buffer[] = [];
  let length = 0;

  const path = () =>
    isArrayFile ? `$[${index}]` : field.endsWith(']') ? `$.${field.slice(0, -2)}[${index}]` : `$.${field}`;
  const inArray = () => isArrayFile || field.endsWith('[]');

  const take = (bytes: Buffer, damage: JsonElement['damage']): JsonElement => {
    const element = { path: path(), line: startLine, bytes: damage ? nothing : bytes, damage };
    index++;
    state = inArray() ? 'array' : 'object';
    parts = [];
    length = 0;
    return element;
  };

  const begin = (at: number, byte: number): number => {
    state = 'element';
    startLine = line;
    if (isLineBlank && inArray() && byte === openObject) indent = column;
    open = [];
    inString = false;
    isEscaped = false;
    return at;
  };

  /** What was taken for one element, up to here, is looked at again, line by line; whether it is, for once that is known it need not be. */
  function* lookAgain(bytes: Buffer): Generator<JsonElement, boolean> {
    const next = bytes.indexOf(newline);
    const isKnown = isCautious || next < 0 || indent === null;
    yield take(nothing, 'not_json');
    state = 'lost';
    if (isKnown) return false;
    isCautious = true;
    line = startLine + 1;
    column = 0;
    isLineBlank = true;
    yield* write(bytes.subarray(next + 1));
    return true;
  }
  /** Whether it has a line that begins as an element does. */
  const mayHoldMore = (bytes: Buffer) => indent !== null && !isCautious && bytes.includes(`\n${' '.repeat(indent)}{`);

  function* write(chunk: Buffer): Generator<JsonElement> {
    let start = 0;
    const captured = (end: number) => {
      const last = chunk.subarray(start, end);
      return parts.length > 0 ? Buffer.concat([...parts, last]) : last;
    };
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      let isTaken = true;
      switch (state) {
        case 'element': {
          if (inString) {
            if (isEscaped) isEscaped = false;
            else if (byte === backslash) isEscaped = true;
            else if (byte === quote) {
              inString = false;
              if (open.length === 0) yield take(captured(at + 1), length > longest ? 'too_large' : null);
            } else if (byte === newline) {
              // No string goes over a line.
              if (yield* lookAgain(captured(at + 1))) {
                start = at + 1;
                continue;
              }
            }
          } else if (byte === quote) inString = true;
          else if (byte === openObject || byte === openArray) {
            if (isCautious && open.length > 0 && isLineBlank && column === indent && byte === openObject) {
              yield take(nothing, 'not_json');
              start = begin(at, byte);
            }
            open.push(byte);
          } else if (byte === closeObject || byte === closeArray) {
            const opened = open.pop();
            if (opened === undefined) {
              yield take(captured(at), null);
              isTaken = false;
            } else if ((opened === openObject) !== (byte === closeObject)) {
              if (yield* lookAgain(captured(at + 1))) {
                start = at + 1;
                continue;
              }
            } else if (open.length === 0) yield take(captured(at + 1), length > longest ? 'too_large' : null);
          } else if (open.length === 0 && (byte === comma || isBlank(byte))) yield take(captured(at), null);
          break;
        }
        case 'array':
          if (byte === closeArray) {
            state = isArrayFile ? 'after' : 'object';
            field = '';
          } else if (!isBlank(byte) && byte !== comma) {
            start = begin(at, byte);
            isTaken = false;
          }
          break;
        case 'lost':
          if (isLineBlank && (byte === closeArray || (byte === openObject && column === indent))) {
            state = 'array';
            isTaken = false;
          }
          break;
        case 'object':
          if (byte === quote) {
            state = 'key';
            start = at + 1;
          } else if (byte === closeObject) state = 'after';
          break;
        case 'key':
          if (isEscaped) isEscaped = false;
          else if (byte === backslash) isEscaped = true;
          else if (byte === quote) {
            field = captured(at).toString();
            parts = [];
            length = 0;
            state = 'colon';
          }
          break;
        case 'colon':
          if (byte === colon) state = 'value';
          break;
        case 'value':
          if (isBlank(byte)) break;
          if (byte === openArray) {
            field += '[]';
            index = 0;
            state = 'array';
          } else {
            start = begin(at, byte);
            isTaken = false;
          }
          break;
        case 'before':
          if (isBlank(byte)) break;
          isArrayFile = byte === openArray;
          state = isArrayFile ? 'array' : byte === openObject ? 'object' : 'over';
          if (state === 'over') yield { path: '$', line, bytes: nothing, damage: 'not_json' };
          break;
        case 'after':
          if (!isBlank(byte)) {
            state = 'over';
            yield { path: '$', line, bytes: nothing, damage: 'not_json' };
          }
      }
      if (!isTaken) {
        at--;
        continue;
      }
      if (byte === newline) {
        line++;
        column = 0;
        isLineBlank = true;
      } else {
        column++;
        isLineBlank &&= isBlank(byte) || byte === comma;
      }
    }
    if (state !== 'element' && state !== 'key') return;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length <= longest) return;
    const bytes = Buffer.concat(parts);
    if (mayHoldMore(bytes)) yield* lookAgain(bytes);
    else parts = [];
  }

  /** To be called once there is no more. */
  function* end(): Generator<JsonElement> {
    if (state === 'after' || state === 'over') return;
    const bytes = Buffer.concat(parts);
    if (state === 'element' && mayHoldMore(bytes)) {
      yield* lookAgain(bytes);
      yield* end();
      return;
    }
    const at = state === 'before' ? '$' : path();
    yield { path: at, line: state === 'element' ? startLine : line, bytes: nothing, damage: 'truncated' };
  }

  return { write, end };
}
