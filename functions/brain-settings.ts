import { app } from '@azure/functions';
import { formTemplates } from '../shared/brain/form-templates';
import { type Container, container } from '../shared/container';
import { toSettingsSchema } from '../shared/http/brain-forms';
import { endpoint, reply } from '../shared/http/endpoint';

export const createBrainSettingsHandler = (services: Container) =>
  endpoint(services, 'brain-settings', toSettingsSchema(formTemplates), async (change, { deadline }) =>
    reply(200, await services.brainForms().change(change, deadline)),
  );

app.http('brain-settings', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'brain/settings',
  handler: createBrainSettingsHandler(container),
});
