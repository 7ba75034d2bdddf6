import type { Settings } from '../config/settings';
import * as fields from '../http/fields';
import { misfit } from '../http/problem';
import { toAddress } from '../identity/address';
import type { Owner } from './brain-contract';
import { type RutFault, readRut } from './rut';

export interface EntityIds {
  /**
   * The one way to write an owner's id, which is its user_id at the memory provider: a RUT without points and hyphen, in lower case
   * (`12345678k`); a phone in E.164; under `uuid` any user_id, as it was given. Throws ProblemError 400 that names `path`, where the request
   * has it.
   */
  normalise(kind: Owner['kind'], id: string, path?: string): string;
}

const rutFaults: Record<RutFault, string> = {
  spelling: 'must be a RUT with its check digit, such as 12.345.678-5',
  length: 'must be a RUT of seven or eight digits and a check digit, such as 12.345.678-5',
  check_digit: 'is no RUT: its check digit does not fit its number',
};

/** How owners are named by `ENTITY_ID`. */
export function createEntityIds(scheme: Settings['ENTITY_ID']): EntityIds {
  const readers: Record<Settings['ENTITY_ID'], (id: string, path: string) => string> = {
    rut: (id, path) => {
      const read = readRut(id);
      if ('fault' in read) throw misfit([{ path, message: rutFaults[read.fault] }]);
      return read.rut;
    },
    e164: (id, path) => toAddress({ type: 'sms', address: id }, path).address,
    uuid: (id, path) => {
      const { data, error } = fields.userId.safeParse(id);
      if (data === undefined) throw misfit(error.issues.map(({ message }) => ({ path, message })));
      return data;
    },
  };
  return { normalise: (_kind, id, path = 'id') => readers[scheme](id, path) };
}
