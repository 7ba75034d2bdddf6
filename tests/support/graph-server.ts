import { createLoopbackServer, type LoopbackServer } from './faults';

/** A message that Meta took, as it goes to a phone. */
export interface SentMessage {
  from: string;
  to: string;
  recipientType: string;
  text: string;
}

export interface GraphServer extends LoopbackServer {
  /** The one token that it takes; may be changed. */
  accessToken: string;
  sent: SentMessage[];
}

/** Meta's Graph API on loopback, as far as replies go: "Text messages", WhatsApp Cloud API. */
export async function createGraphServer(): Promise<GraphServer> {
  const sent: SentMessage[] = [];
  const server = await createLoopbackServer(({ method, path, headers, body }) => {
    const [, from] = /^\/v25\.0\/(\d+)\/messages$/.exec(path) ?? [];
    if (method !== 'POST' || !from) return { status: 404, body: { error: { code: 100 } } };
    if (headers.authorization !== `Bearer ${graph.accessToken}`) return { status: 401, body: { error: { code: 190 } } };
    const { messaging_product: product, recipient_type: recipientType, to, type, text } = body ?? {};
    const isGood = product === 'whatsapp' && type === 'text' && typeof to === 'string' && text?.body?.length <= 4096;
    if (!isGood) return { status: 400, body: { error: { code: 100 } } };
    sent.push({ from, to, recipientType, text: text.body });
    return { status: 200, body: { messaging_product: product, messages: [{ id: `wamid.sent-${sent.length}` }] } };
  });
  const graph = Object.assign(server, { url: `${server.url}/v25.0`, accessToken: 'graph-test-token', sent });
  return graph;
}
