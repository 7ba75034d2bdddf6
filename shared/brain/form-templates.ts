import type { Owner } from './brain-contract';
import { type Template, templates } from './templates';

/** What forms and settings ask, one slug a field, in Spanish: what records have, and what only a person can say. */
export const formTemplates: Record<Owner['kind'], readonly Template[]> = {
  users: [
    ...templates.users,
    {
      field: 'preferredName',
      slug: 'user_preferred_name',
      category: 'identity',
      text: 'Prefiere que le digan: {value}',
    },
    { field: 'goal', slug: 'user_goal', category: 'goals', text: 'Objetivo: {value}' },
    { field: 'language', slug: 'user_language', category: 'preferences', text: 'Idioma: {value}' },
    { field: 'timeZone', slug: 'user_time_zone', category: 'preferences', text: 'Zona horaria: {value}' },
    { field: 'tone', slug: 'user_tone', category: 'preferences', text: 'Trato que prefiere: {value}' },
    { field: 'notifications', slug: 'user_notifications', category: 'preferences', text: 'Recibe avisos: {value}' },
  ],
  companies: [
    { field: 'name', slug: 'company_name', category: 'identity', text: 'Razón social: {value}' },
    ...templates.companies,
    { field: 'employees', slug: 'company_employees', category: 'activity', text: 'Número de trabajadores: {value}' },
    { field: 'goal', slug: 'company_goal', category: 'goals', text: 'Objetivo de la empresa: {value}' },
    { field: 'currency', slug: 'company_currency', category: 'preferences', text: 'Moneda: {value}' },
    { field: 'notifications', slug: 'company_notifications', category: 'preferences', text: 'Recibe avisos: {value}' },
  ],
};
