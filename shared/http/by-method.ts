import type { HttpHandler } from '@azure/functions';

/** One handler for a route with several methods; the host lets no other method through. */
export const byMethod =
  (handlers: Record<string, HttpHandler>): HttpHandler =>
  (request, invocation) => {
    const handler = handlers[request.method];
    return handler
      ? handler(request, invocation)
      : { status: 405, headers: { allow: Object.keys(handlers).join(', ') } };
  };
