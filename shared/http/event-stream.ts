import { snakeKeys } from './case';

/** One event of an answer that streams; its data leaves as snake_case JSON. */
export interface ServerEvent {
  event: string;
  data: unknown;
}

interface Ends {
  /** What a failure says to the caller; the stream ends with it. */
  toEvent(error: unknown): ServerEvent;
  /** The caller has gone. */
  left(): void;
  /** Once, however it ends. */
  ended(): void;
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies between would gather what is to be read as it comes.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

const encoder = new TextEncoder();
const encode = ({ event, data }: ServerEvent) =>
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(snakeKeys(data))}\n\n`);

/**
 * Events as a response of type `text/event-stream` (WHATWG HTML, "Server-sent events"), each sent as it comes. Waits for the first one:
 * rejects as it does, so that what fails before it is answered as an error with its own status.
 */
export async function toEventStream(events: AsyncIterable<ServerEvent>, { toEvent, left, ended }: Ends) {
  const iterator = events[Symbol.asyncIterator]();
  let first: IteratorResult<ServerEvent> | undefined = await iterator.next();
  const finish = (controller: ReadableStreamDefaultController) => {
    controller.close();
    ended();
  };
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { value, done } = await (first ?? iterator.next());
        first = undefined;
        if (done) finish(controller);
        else controller.enqueue(encode(value));
      } catch (error) {
        controller.enqueue(encode(toEvent(error)));
        finish(controller);
      }
    },
    cancel: async () => {
      left();
      ended();
      await iterator.return?.();
    },
  });
  return { status: 200, headers, body };
}
