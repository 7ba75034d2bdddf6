import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

/** Agents send null for what they do not know, and fields of their own. */
const known = z.looseObject({
  id: fields.leadId.nullish(),
  name: fields.text(200).nullish(),
  phone: fields.text(64).nullish(),
  email: fields.text(254).nullish(),
  company: fields.text(200).nullish(),
  interest_level: fields.text(64).nullish(),
  budget: z.union([fields.text(200), z.number()], 'must be a text or a number').nullish(),
  timeline: fields.text(200).nullish(),
});

const request = z.strictObject({
  session_id: fields.label(),
  call_id: fields.label().optional(),
  lead_data: fields.metadata.pipe(known),
  transcript_summary: fields.message.optional(),
});

export const createLeadsHandler = (services: Container) =>
  endpoint(services, 'leads', request, async (lead, { deadline }) =>
    reply(201, await services.leads().store(lead, deadline)),
  );

app.http('leads', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'leads',
  handler: createLeadsHandler(container),
});
