import type { Owner } from './brain-contract';

/** A field of a record, the slug that it becomes, and the words that its value stands in. */
export interface Template {
  field: string;
  slug: string;
  category: string;
  text: `${string}{value}`;
}

/** What is made of records, one slug a field; as the bots read it, in Spanish. */
export const templates = {
  users: [
    { field: 'fullName', slug: 'user_full_name', category: 'identity', text: 'Nombre completo: {value}' },
    { field: 'email', slug: 'user_email', category: 'contact', text: 'Correo electrónico: {value}' },
    { field: 'phone', slug: 'user_phone', category: 'contact', text: 'Teléfono: {value}' },
    { field: 'role', slug: 'user_role', category: 'identity', text: 'Rol: {value}' },
  ],
  companies: [
    { field: 'taxRegime', slug: 'company_tax_regime', category: 'tax', text: 'Régimen tributario: {value}' },
    { field: 'activity', slug: 'company_activity', category: 'activity', text: 'Actividad económica: {value}' },
    {
      field: 'legalRepresentative',
      slug: 'company_legal_representative',
      category: 'identity',
      text: 'Representante legal: {value}',
    },
    { field: 'startDate', slug: 'company_start_date', category: 'dates', text: 'Inicio de actividades: {value}' },
    {
      field: 'accountingStart',
      slug: 'company_accounting_start',
      category: 'dates',
      text: 'Inicio de contabilidad: {value}',
    },
  ],
} as const satisfies Record<Owner['kind'], readonly Template[]>;
