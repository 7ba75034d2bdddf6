import {
  type HttpHandler,
  HttpRequest,
  HttpResponse,
  type HttpResponseInit,
  InvocationContext,
} from '@azure/functions';

const post = (body: object, accept: string) =>
  new HttpRequest({
    method: 'POST',
    url: 'http://localhost/api/test',
    headers: { 'content-type': 'application/json', accept },
    body: { string: JSON.stringify(body) },
  });

/** What a door answers to a JSON body. */
export async function callJson(door: HttpHandler, body: object) {
  const result = await door(post(body, 'application/json'), new InvocationContext());
  const response = new HttpResponse(result as HttpResponseInit);
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
  return { status: response.status, body: (await response.json()) as any };
}

/** What a door streams: the events in their order, the tokens, and the data of `done`. */
export async function callStream(door: HttpHandler, body: object) {
  const result = (await door(post(body, 'text/event-stream'), new InvocationContext())) as HttpResponseInit;
  const events = readEvents(await new HttpResponse(result).text());
  const ofName = (name: string) => events.filter(({ event }) => event === name).map(({ data }) => data);
  return {
    status: result.status,
    events,
    tokens: ofName('token').map(({ text }) => text as string),
    done: ofName('done')[0],
  };
}

/** Server-sent events from their text. */
export const readEvents = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [event = '', data = 'null'] = block.split('\n').map((line) => line.replace(/^\w+: /, ''));
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      return { event, data: JSON.parse(data) as any };
    });
