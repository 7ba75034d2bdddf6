import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import type { Owner } from '../shared/brain/brain-contract';
import type { NewRecord, Records } from '../shared/brain/records';
import type { Container } from '../shared/container';
import { camelKeys } from '../shared/http/case';
import { toFieldErrors } from '../shared/http/field-errors';
import type { FieldError } from '../shared/http/problem';
import { company, profile, toRecord } from '../shared/http/records';

/** A line that was left out, and why; nothing of what it says. */
interface WrongLine {
  line: number;
  errors: FieldError[];
}

/** Records of one kind as a file has them, one JSON object a line. */
export interface RecordFile {
  subject: Owner['kind'];
  /**
   * Keeps a file's records, so many at a time; tells after each time how many lines were read by then, and which of the last ones were wrong.
   * Rejects when the file cannot be read, or the database cannot be reached: what was told of is kept.
   */
  read(
    services: Container,
    file: string,
    atOnce: number,
  ): AsyncGenerator<{ lines: number; kept: number; wrong: WrongLine[] }>;
}

const maxBytes = 256 * 1024;

/** `schema` is that of the door that takes one of these. */
function ofKind<Row>(
  subject: Owner['kind'],
  schema: z.ZodType<{ id: string }>,
  recordsOf: (services: Container) => Pick<Records<Row>, 'putAll'>,
): RecordFile {
  const parse = (text: string): { record: NewRecord<Row> } | { errors: FieldError[] } => {
    if (Buffer.byteLength(text) > maxBytes) return { errors: [{ path: '', message: 'is longer than 256 KiB' }] };
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch {
      return { errors: [{ path: '', message: 'is not JSON' }] };
    }
    const parsed = schema.safeParse(given);
    if (!parsed.success) return { errors: toFieldErrors(parsed.error) };
    // What the schema lets through has the record's own fields.
    return { record: toRecord(camelKeys(parsed.data) as { id: string }) as unknown as NewRecord<Row> };
  };

  const keep = async (services: Container, batch: { line: number; text: string }[]) => {
    const wrong: WrongLine[] = [];
    const records: { line: number; record: NewRecord<Row> }[] = [];
    for (const { line, text } of batch) {
      const parsed = parse(text);
      if ('errors' in parsed) wrong.push({ line, ...parsed });
      else records.push({ line, ...parsed });
    }
    const refused = await recordsOf(services).putAll(records.map(({ record }) => record));
    for (const { index, errors } of refused) wrong.push({ line: records[index]?.line ?? 0, errors });
    return { kept: records.length - refused.length, wrong: wrong.sort((a, b) => a.line - b.line) };
  };

  return {
    subject,
    async *read(services, file, atOnce) {
      let lines = 0;
      let batch: { line: number; text: string }[] = [];
      for await (const text of createInterface({
        input: createReadStream(file),
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        lines++;
        const plain = lines === 1 ? text.replace(/^\uFEFF/, '') : text;
        if (plain.trim() !== '') batch.push({ line: lines, text: plain });
        if (batch.length < atOnce) continue;
        yield { lines, ...(await keep(services, batch)) };
        batch = [];
      }
      if (batch.length > 0) yield { lines, ...(await keep(services, batch)) };
    },
  };
}

/** By the word that the command names them with. */
export const recordFiles = {
  profiles: ofKind('users', profile, (services) => services.profiles()),
  companies: ofKind('companies', company, (services) => services.companies()),
};
