import type { HttpResponseInit } from '@azure/functions';

/** One field that does not fit; `path` in the words of the request (`metadata.depth`, `messages.0.content`). */
export interface FieldError {
  path: string;
  message: string;
}

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** Thrown by doors and services to answer with an error the caller can act on. The message is shown to the caller. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly status: number,
    detail: string,
    readonly errors?: FieldError[],
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }
}

/** The 400 for fields that do not fit. */
export const misfit = (errors: FieldError[]) =>
  new ProblemError(
    400,
    `The request does not fit: ${errors.length} ${errors.length === 1 ? 'field' : 'fields'} to correct.`,
    errors,
  );

/** An RFC 9457 problem document as a response. */
export function toProblemResponse(problem: ProblemError, requestId: string): HttpResponseInit {
  const title = titles[problem.status] ?? 'Error';
  return {
    status: problem.status,
    headers: { ...problem.headers, 'content-type': 'application/problem+json', 'x-request-id': requestId },
    body: JSON.stringify({
      type: 'about:blank',
      title,
      status: problem.status,
      detail: problem.message,
      ...(problem.errors && { errors: problem.errors }),
      request_id: requestId,
    }),
  };
}
