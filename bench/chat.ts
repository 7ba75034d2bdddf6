import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { createModelServer, type ModelServer } from '../tests/support/model-server';
import { percentile } from './percentile';
import type { Bench } from './run';
import { createSentences } from './sentences';
import { type BenchServer, startBenchServer } from './server';

const memories = 100;
const requests = 200;
const warmUps = 20;
const turnsAConversation = 10;
/** Nobody writes again in the instant of a reply: by then what follows it is over. */
const readingMs = 150;
/** What the model says: twenty tokens, the first after 50 ms, then one every 5 ms. */
const answer = { text: Array.from({ length: 20 }, (_, i) => `word${i}`).join(' '), firstMs: 50, everyMs: 5 };

/**
 * `npm run bench -- chat`: what Keepsake adds to the time of a chat model, for a person with a hundred memories: recall, prompt, the
 * call, and keeping what was said. The model is a loopback server in this process that takes its known time; all share the machine.
 */
export const bench: Bench = async () => {
  const model = await createModelServer();
  // What is asked beside the replies, the facts of an exchange, is no part of one.
  model.answer = ({ body }) => (body.response_format ? { json: { facts: [] } } : answer);
  const server = await startBenchServer({
    ...{ CHAT_PROVIDER: 'openai-compatible', CHAT_BASE_URL: model.url },
    ...{ CHAT_MODEL: model.model, CHAT_API_KEY: model.apiKey },
  });
  try {
    const { statement, question } = createSentences(3);
    const said = Array.from({ length: memories }, () => ({ role: 'user', content: statement() }));
    for (let i = 0; i < memories; i += 50)
      await server.call('POST', 'add-memory', { user_id: 'one', infer: false, messages: said.slice(i, i + 50) });

    const ask = (i: number) => ({
      ...{ user_id: 'one', message: question(), conversation_id: `talk-${Math.floor(i / turnsAConversation)}` },
    });
    const whole = await repeat(model, (i) => timeWhole(server, ask(i)));
    const streamed = await repeat(model, (i) => timeStream(server, ask(requests + i)));
    const rows = [
      toRow(
        'whole, added to the model’s time',
        whole.map(({ addedMs }) => addedMs),
        { p50: 25, p95: 60 },
      ),
      toRow(
        'whole, until the model is asked',
        whole.map(({ askedMs }) => askedMs),
      ),
      toRow(
        'streamed, added to the model’s time',
        streamed.map(({ addedMs }) => addedMs),
        { p50: 25, p95: 60 },
      ),
      toRow(
        'streamed, first word after the model’s',
        streamed.map(({ firstMs }) => firstMs),
        { p50: 15, p95: null },
      ),
    ];
    console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
    return { memories, requests, rows };
  } finally {
    await server.stop();
    await model.close();
  }
};

/** When a request was sent, its first word came, and its answer was complete, by `performance.now()`. */
interface Moments {
  sentAt: number;
  firstAt: number;
  endedAt: number;
}

/** One request after the other; what came before the first of them counts is warm. */
async function repeat(model: ModelServer, call: (i: number) => Promise<Moments>) {
  const times: { addedMs: number; askedMs: number; firstMs: number }[] = [];
  for (let i = -warmUps; i < requests; i++) {
    await setTimeout(readingMs);
    model.requests.length = 0;
    const { sentAt, firstAt, endedAt } = await call(i + warmUps);
    const [reply, ...others] = model.requests.filter(({ body }) => !body.response_format);
    if (!reply?.firstTokenAt || !reply.endedAt || others.length > 0)
      throw new Error('The model did not make the reply.');
    const tookMs = reply.endedAt - reply.receivedAt;
    if (i >= 0)
      times.push({
        addedMs: endedAt - sentAt - tookMs,
        askedMs: reply.receivedAt - sentAt,
        firstMs: firstAt - reply.firstTokenAt,
      });
  }
  return times;
}

async function timeWhole(server: BenchServer, body: object): Promise<Moments> {
  const sentAt = performance.now();
  const { reply } = await server.call<{ reply: string }>('POST', 'chat', body);
  const endedAt = performance.now();
  if (reply !== answer.text) throw new Error(`Somebody else answered: ${reply}`);
  return { sentAt, firstAt: endedAt, endedAt };
}

const agent = new Agent({ keepAlive: true });

async function timeStream(server: BenchServer, body: object): Promise<Moments> {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const sentAt = performance.now();
  const sent = request(`${server.url}/api/chat`, { agent, method: 'POST', headers });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let firstAt: number | null = null;
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    if (text.includes('event: token')) firstAt ??= performance.now();
  }
  const endedAt = performance.now();
  if (!firstAt || !text.includes('event: done')) throw new Error(`${response.statusCode}: ${text}`);
  return { sentAt, firstAt, endedAt };
}

function toRow(
  name: string,
  times: number[],
  targets: { p50: number | null; p95: number | null } = { p50: null, p95: null },
) {
  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  const isMissed = (targets.p50 !== null && p50 > targets.p50) || (targets.p95 !== null && p95 > targets.p95);
  const ok = targets.p50 === null ? '' : isMissed ? 'NO' : 'yes';
  return { name, p50_ms: p50, p95_ms: p95, target_p50_ms: targets.p50, target_p95_ms: targets.p95, ok };
}
