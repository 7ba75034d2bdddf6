import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';

/** A literal object or list of Bicep, down to its expressions, which stay text with their white space made one blank. */
export type Value = string | Value[] | { [name: string]: Value };

/** The declarations of each file by its path. */
export type Infra = Map<string, Declaration[]>;

export interface Declaration {
  kind: 'resource' | 'module' | 'param' | 'output' | 'var' | 'type' | 'other';
  name: string;
  /** A resource's type with its version (a nested one's under its parent's), a module's path, a parameter's type. */
  type: string;
  decorators: string[];
  existing: boolean;
  /** Expression behind `if`, or ''. */
  condition: string;
  /** What a loop runs over, or ''. */
  loop: string;
  value: Value;
}

/** Every Bicep file under infra/ by its path from there. */
export function infraFiles(): Map<string, string> {
  const root = shippedPath('infra');
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.bicep'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')]));
}

/** Reads all of infra/, with `change` done to its texts first. */
export function readInfra(change: (path: string, text: string) => string = (_, text) => text): Infra {
  return new Map([...infraFiles()].map(([path, text]) => [path, readBicep(change(path, text))]));
}

/** What stands at a path of names and indexes in a literal; undefined where nothing does. */
export function at(value: Value | undefined, ...path: (string | number)[]): Value | undefined {
  return path.reduce<Value | undefined>(
    (inside, step) => (typeof inside === 'object' ? (inside as { [step: string]: Value })[step] : undefined),
    value,
  );
}

const made = /^(resource|module)\s+(\w+)\s+'([^']*)'\s*(existing)?\s*=\s*/;
const named = /^(param|output|var|type)\s+(\w+)([^=\n]*)(=\s*)?/;

/** Reads the declarations of a Bicep text, those nested in resources too. Knows literals and loops; it checks nothing. */
export function readBicep(text: string): Declaration[] {
  const reader = new Reader(text);
  const found: Declaration[] = [];
  while (!reader.atEnd()) reader.statement(found);
  return found;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  atEnd(): boolean {
    this.blank();
    return this.at >= this.text.length;
  }

  /** One declaration with its decorators; `parent` is the type of the resource it is nested in. */
  statement(into: Declaration[], parent = ''): void {
    const decorators: string[] = [];
    while (this.peek('@')) {
      decorators.push(this.expression().slice(1));
      this.blank();
    }
    const match = this.take(made) ?? this.take(named);
    if (match === null) {
      const nothing = { name: '', type: '', decorators, existing: false, condition: '', loop: '' };
      into.push({ ...nothing, kind: 'other', value: this.expression() });
      return;
    }
    const [, kind = '', name = '', given = '', rest] = match;
    const type = parent === '' ? given.trim() : nestedType(parent, given);
    const condition = this.take(/^if\s*(?=\()/) === null ? '' : this.expression(true);
    const loop = this.take(/^\[\s*for\s+/) === null ? '' : this.loop();
    const nested: Declaration[] = [];
    const value = kind === 'param' && rest === undefined ? '' : this.value(nested, type);
    if (loop !== '') this.expect(']');
    const existing = rest === 'existing';
    into.push(
      { kind: kind as Declaration['kind'], name, type, decorators, existing, condition, loop, value },
      ...nested,
    );
  }

  private value(nested: Declaration[], type = ''): Value {
    this.blank();
    if (this.peek('{')) return this.object(nested, type);
    if (this.peek('[') && !/^\[\s*for\b/.test(this.text.slice(this.at))) return this.list(nested);
    return this.expression();
  }

  private object(nested: Declaration[], type: string): Value {
    const start = this.at;
    const result: { [name: string]: Value } = {};
    this.expect('{');
    for (;;) {
      this.blank();
      if (this.peek('}')) break;
      if (/^(resource\s+\w+\s+'|@)/.test(this.text.slice(this.at, this.at + 80))) {
        this.statement(nested, type);
        continue;
      }
      const key = this.take(/^(?:'((?:[^'\\]|\\.)*)'|(\w+|\*))\s*:/);
      if (key === null) {
        const spread = this.expression();
        if (spread === '') throw new Error(`Nothing to read at: ${this.text.slice(this.at, this.at + 60)}`);
        result[spread] = spread;
      } else {
        result[key[1] ?? key[2] ?? ''] = this.value(nested, '');
      }
      this.blank();
      if (this.peek(',')) this.at++;
    }
    this.expect('}');
    // `{ … }.name` and the like are expressions that begin as an object does.
    return /^[.[]/.test(this.text.slice(this.at)) ? this.text.slice(start, this.at) + this.expression() : result;
  }

  private list(nested: Declaration[]): Value {
    const result: Value[] = [];
    this.expect('[');
    for (;;) {
      this.blank();
      if (this.peek(']')) break;
      result.push(this.value(nested));
      this.blank();
      if (this.peek(',')) this.at++;
    }
    this.expect(']');
    return result;
  }

  /** What a loop runs over, as in `name in names`. */
  private loop(): string {
    const over = this.expression(false, /:/);
    this.expect(':');
    return over;
  }

  /** Text up to the end of the line, a comma or a closing bracket, whatever brackets and strings it holds; or one bracket. */
  private expression(bracketAlone = false, end = /[\n,\]})]/): string {
    let read = '';
    for (let depth = 0; this.at < this.text.length; ) {
      if (depth > 0 && this.take(/^\/\/[^\n]*/) !== null) continue;
      // A condition goes on over lines.
      if (this.take(/^\n\s*(?=[?:] )/) !== null) continue;
      const start = this.at;
      const char = this.text[this.at] ?? '';
      if (depth === 0 && (end.test(char) || this.peek('//'))) break;
      if (/[([{]/.test(char)) depth++;
      if (/[)\]}]/.test(char)) depth--;
      if (char === "'") this.string();
      else this.at++;
      read += this.text.slice(start, this.at);
      if (bracketAlone && depth === 0) break;
    }
    return read.replace(/\s+/g, ' ').trim();
  }

  private string(): void {
    const long = this.text.startsWith("'''", this.at);
    this.at += long ? 3 : 1;
    while (this.at < this.text.length) {
      if (long ? this.text.startsWith("'''", this.at) : this.text[this.at] === "'") break;
      if (!long && this.text[this.at] === '\\') this.at++;
      if (!long && this.text.startsWith('${', this.at)) this.interpolation();
      else this.at++;
    }
    this.at += long ? 3 : 1;
  }

  private interpolation(): void {
    for (let depth = 0; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char === "'") {
        this.string();
        this.at--;
      }
      if (char === '{') depth++;
      if (char === '}' && --depth === 0) {
        this.at++;
        return;
      }
    }
  }

  private blank(): void {
    this.take(/^(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*)+/);
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.text.slice(this.at));
    this.at += match?.[0].length ?? 0;
    return match;
  }

  private peek(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  private expect(text: string): void {
    this.blank();
    if (!this.peek(text)) throw new Error(`Expected ${text} at: ${this.text.slice(this.at, this.at + 60)}`);
    this.at += text.length;
  }
}

function nestedType(parent: string, own: string): string {
  const [type = '', version] = parent.split('@');
  return `${type}/${own.split('@')[0]}@${own.split('@')[1] ?? version}`;
}
