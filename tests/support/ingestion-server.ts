import type { createCertificate } from './certificate';
import { createLoopbackServer, type LoopbackServer } from './faults';

/** A span as Application Insights takes it ("RemoteDependencyData" of its telemetry schema). */
export interface SentSpan {
  name: string;
  id: string;
  parent: string;
  trace: string;
  durationMs: number;
  success: boolean;
  properties: Record<string, string>;
}

export interface SentMetric {
  name: string;
  value: number;
  count: number;
  properties: Record<string, string>;
}

export interface IngestionServer extends LoopbackServer {
  connectionString: string;
  spans(): SentSpan[];
  metrics(): SentMetric[];
  /** What came that is neither. */
  others(): string[];
}

// biome-ignore lint/suspicious/noExplicitAny: what came is looked at field by field.
type Envelope = any;

/** "00:00:01.234" in ms; days come before a point. */
function toMs(duration: string): number {
  const [, days = 0, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(duration) ?? [];
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

const toSpan = ({ tags, data: { baseData } }: Envelope): SentSpan => ({
  ...{ name: baseData.name, id: baseData.id, success: baseData.success, properties: baseData.properties ?? {} },
  ...{ parent: tags['ai.operation.parentId'] ?? '', trace: tags['ai.operation.id'] },
  durationMs: toMs(baseData.duration),
});

const toMetric = ({ data: { baseData } }: Envelope): SentMetric => {
  const [{ name, value, count }] = baseData.metrics;
  return { name, value, count, properties: baseData.properties };
};

/** Where Application Insights takes telemetry, on loopback, by TLS, for it is asked in no other way: `POST /v2.1/track` ("Track", Application Insights ingestion API 2.1). */
export async function createIngestionServer(
  certificate: ReturnType<typeof createCertificate>,
): Promise<IngestionServer> {
  const server = await createLoopbackServer(({ method, path, body }) => {
    if (method !== 'POST' || path !== '/v2.1/track') return { status: 404, body: {} };
    return { status: 200, body: { itemsReceived: body.length, itemsAccepted: body.length, errors: [] } };
  }, certificate);
  const envelopes = (): Envelope[] => server.requests.flatMap(({ body }) => body);
  const ofType = (type: string) => envelopes().filter(({ data }) => data.baseType === type);
  return Object.assign(server, {
    connectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=${server.url}/`,
    spans: () => ofType('RemoteDependencyData').map(toSpan),
    metrics: () => ofType('MetricData').map(toMetric),
    others: () =>
      envelopes()
        .map(({ data }) => data.baseType)
        .filter((type) => type !== 'RemoteDependencyData' && type !== 'MetricData'),
  });
}
