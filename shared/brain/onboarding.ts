import type { Fact, Owner } from './brain-contract';
import { fillTemplates } from './fill-templates';
import { formTemplates } from './form-templates';

/** Facts of what somebody answered at the beginning, by field of `formTemplates`; an answer that is left out, null or blank makes none. Pure. */
export const toOnboardingFacts = (kind: Owner['kind'], answers: object): Fact[] =>
  fillTemplates(formTemplates[kind], answers, { from: 'onboarding' }).facts;
