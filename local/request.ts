import type { IncomingMessage } from 'node:http';
import { HttpRequest } from '@azure/functions';
import { ProblemError } from '../shared/http/problem';

/** A little above the 2 MiB of bulk routes, so that a door sees a body that is just too large and says so itself. */
export const maxBodyBytes = 2 * 1024 * 1024 + 64 * 1024;

/** How much of a body that is too large is read and dropped, so that its sender gets to read the answer. */
const maxDroppedBytes = 16 * 1024 * 1024;

/** The path of a request, still encoded. Throws a 400 where it is not one. */
export function pathOf(message: IncomingMessage): string {
  const [path = ''] = (message.url ?? '').split('?', 1);
  try {
    decodeURIComponent(path);
  } catch {
    throw new ProblemError(400, 'The address cannot be decoded.');
  }
  return path;
}

/** The request as a function gets it. Throws a 400 for one that cannot be expressed, a 413 for a body that is too large. */
export async function toHttpRequest(message: IncomingMessage, params: Record<string, string>): Promise<HttpRequest> {
  const bytes = await readBody(message);
  const headers = Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  try {
    return new HttpRequest({
      method: message.method,
      url: `http://${message.headers.host}${message.url}`,
      headers: Object.fromEntries(headers),
      params,
      ...(bytes.length > 0 && { body: { bytes } }),
    });
  } catch {
    throw new ProblemError(400, 'The request cannot be read: its address or a header is malformed.');
  }
}

const tooLarge = () =>
  new ProblemError(413, `The body is larger than ${maxBodyBytes / 1024} KiB.`, undefined, { connection: 'close' });

/** Throws the 413 for a request that says itself that its body is too large. */
export function refuseDeclaredTooLarge(message: IncomingMessage): void {
  if (Number(message.headers['content-length']) > maxBodyBytes) throw tooLarge();
}

/** Rejects with the stream's error where the caller goes away. */
function readBody(message: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else chunks = [];
      if (size > maxDroppedBytes) reject(tooLarge());
    });
    message.on('end', () => (size > maxBodyBytes ? reject(tooLarge()) : resolve(Buffer.concat(chunks))));
    message.on('error', reject);
  });
}
