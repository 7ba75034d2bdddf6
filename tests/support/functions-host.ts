import { randomUUID } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InvocationContext } from '@azure/functions';
import { getProgrammingModel, type Registration } from '../../local/functions-core';

/** What @azure/functions gives the worker of the Functions host to run functions by. */
interface ProgrammingModel {
  getCapabilities(capabilities: object): Promise<{ HttpUri?: string }>;
  getInvocationModel(core: object): {
    getArguments(): Promise<{ context: InvocationContext; inputs: unknown[] }>;
    invokeFunction(context: InvocationContext, inputs: unknown[], callback: Registration['callback']): Promise<unknown>;
    getResponse(context: InvocationContext, result: unknown): Promise<unknown>;
  };
}

/**
 * The Functions host and its worker, as far as HTTP streams go: the worker names an address of its own, the host forwards requests to it
 * under an invocation's id, and tells the worker what it knows of the trigger, the fields of a JSON body among it. A caller who hangs up
 * ends the forwarded request.
 */
export async function startFunctionsHost(registrations: readonly Registration[]) {
  const opened: Server[] = [];
  const http = require('node:http') as { createServer: typeof createServer };
  const original = http.createServer;
  // The worker never closes the server that it opens for this.
  http.createServer = ((...args: []) => {
    const server = original(...args);
    opened.push(server);
    return server;
  }) as typeof createServer;
  const model = getProgrammingModel() as ProgrammingModel;
  const { HttpUri: workerUrl = '' } = await model.getCapabilities({});
  http.createServer = original;

  const invoke = async ({ name, trigger, callback }: Registration, invocationId: string, fields: object) => {
    const strings = Object.entries(fields).map(([key, value]) => [key, { string: String(value) }]);
    const invocation = model.getInvocationModel({
      invocationId,
      metadata: { name, bindings: { [trigger.name]: trigger, $return: { type: 'http', direction: 'out' } } },
      request: { inputData: [{ name: trigger.name, data: {} }], triggerMetadata: Object.fromEntries(strings) },
      log: () => undefined,
    });
    const { context, inputs } = await invocation.getArguments();
    await invocation.getResponse(context, await invocation.invokeFunction(context, inputs, callback));
  };

  const host = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const registration = registrations.find(({ trigger }) => `/api/${trigger.route}` === incoming.url);
    if (!registration) return outgoing.writeHead(404).end();
    const invocationId = randomUUID();
    const forwarded = request(new URL(incoming.url ?? '', workerUrl), {
      method: incoming.method,
      headers: {
        ...incoming.headers,
        ...{
          'x-ms-invocation-id': invocationId,
          'x-forwarded-host': incoming.headers.host,
          'x-forwarded-proto': 'http',
        },
      },
    });
    forwarded.on('response', (response) =>
      response.pipe(outgoing.writeHead(response.statusCode ?? 0, response.headers)),
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => outgoing.writableFinished || forwarded.destroy());
    forwarded.end(body);
    const headers = { Headers: JSON.stringify(incoming.headers) };
    await invoke(registration, invocationId, { ...JSON.parse(body.toString()), ...headers });
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  opened.push(host);
  return {
    url: `http://127.0.0.1:${(host.address() as AddressInfo).port}`,
    close: async () => {
      for (const server of opened) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
