import { app } from '@azure/functions';
import { formTemplates } from '../shared/brain/form-templates';
import { type Container, container } from '../shared/container';
import { toOnboardingSchema } from '../shared/http/brain-forms';
import { endpoint, reply } from '../shared/http/endpoint';

export const createBrainOnboardingHandler = (services: Container) =>
  endpoint(services, 'brain-onboarding', toOnboardingSchema(formTemplates), async (form, { deadline }) =>
    reply(200, await services.brainForms().onboard(form, deadline)),
  );

app.http('brain-onboarding', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'brain/onboarding',
  handler: createBrainOnboardingHandler(container),
});
