import type { HttpRequest } from '@azure/functions';
import { ProblemError } from './problem';

/** What a webhook answers whose secret is not set, as if it were not there. */
export const nothingHere = () => new ProblemError(404, 'There is nothing at this address.');

/** The header that shows who sent the request. Throws the 403 for one that has none, before anything else of it is read. */
export function proofOf(request: HttpRequest, header: string): string {
  const proof = request.headers.get(header);
  if (proof) return proof;
  throw forged(header, 'is missing');
}

/** A request from somebody else than it says; `reason` tells an operator what to look at. */
export const forged = (header: string, reason: string) => new ProblemError(403, `${header} ${reason}.`);
