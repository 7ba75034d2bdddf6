import { createEntityIds } from '../../shared/brain/entity-id';
import { ProblemError } from '../../shared/http/problem';

/** What a scheme makes of an id, or what it says of it. */
const read = (scheme: 'rut' | 'uuid' | 'e164', id: string): string => {
  try {
    return createEntityIds(scheme).normalise('users', id, 'user_id');
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    expect(error.status).toBe(400);
    expect(error.errors).toEqual([{ path: 'user_id', message: expect.any(String) }]);
    return `refused: ${error.errors?.[0]?.message}`;
  }
};

/** 40 ways to write the numbers of people and companies. */
const spellings: [written: string, rut: string][] = [
  ['12.345.678-5', '123456785'],
  ['12345678-5', '123456785'],
  ['123456785', '123456785'],
  ['12.345.6785', '123456785'],
  ['12,345,678-5', '123456785'],
  ['12 345 678-5', '123456785'],
  ["12'345'678-5", '123456785'],
  ['12 345 678 5', '123456785'],
  ['12.345.678 - 5', '123456785'],
  ['12.345.678 -5', '123456785'],
  ['12.345.678- 5', '123456785'],
  ['12.345.678–5', '123456785'],
  ['12.345.678—5', '123456785'],
  ['12.345.678‐5', '123456785'],
  ['12.345.678−5', '123456785'],
  ['12.345.678－5', '123456785'],
  ['１２．３４５．６７８－５', '123456785'],
  ['  12.345.678-5  ', '123456785'],
  ['\u200b12.345.678-5', '123456785'],
  ['12\u00a0345\u00a0678-5', '123456785'],
  ['012.345.678-5', '123456785'],
  ['0012345678-5', '123456785'],
  ['RUT 12.345.678-5', '123456785'],
  ['RUT: 12.345.678-5', '123456785'],
  ['rut:12345678-5', '123456785'],
  ['R.U.T. 12.345.678-5', '123456785'],
  ['RUN 12.345.678-5', '123456785'],
  ['R.U.N.: 12345678-5', '123456785'],
  ['RUT123456785', '123456785'],
  ['7.654.321-6', '76543216'],
  ['7654321-6', '76543216'],
  ['07.654.321-6', '76543216'],
  ['10.000.013-K', '10000013k'],
  ['10.000.013-k', '10000013k'],
  ['10000013K', '10000013k'],
  ['10000013-k', '10000013k'],
  ['10.000.004-0', '100000040'],
  ['76.086.428-5', '760864285'],
  ['96.790.240-3', '967902403'],
  ['1.000.005-K', '1000005k'],
];

/** 40 texts that are none, by what is wrong with them. */
const wrong: Record<string, string[]> = {
  'must be a RUT with its check digit, such as 12.345.678-5': [
    ...['', ' ', '-', 'K', '5', 'rut', 'RUT:', 'ana', 'ana@example.com', '+56 9 6123 4567'],
    ...['12.345.678', '12.34.5678-5', '1.2345.678-5', '12..345.678-5', '12.345.678--5', '12.345.678-', '-12345678-5'],
    ...['12.345.678-5-5', '12.345.678-A', '12.345.678-KK', '12.345.67K-5', '1234K678-5', 'RUT RUT 12.345.678-5'],
    ...['12.345.678-5 x', '12/345/678-5', '12.345.678_5', '12.345.678-5;', '0'.repeat(90)],
    ...["12.345.678-5' or '1'='1", '1f0d7c1e-2f4b-4c5a-9a3e-0f5f5f5f5f5f'],
  ],
  'must be a RUT of seven or eight digits and a check digit, such as 12.345.678-5': [
    ...['1-9', '123.456-0', '000.000-0', '112.345.678-4', '9999999999-3'],
  ],
  'is no RUT: its check digit does not fit its number': [
    ...['12.345.678-4', '12.345.678-K', '21.345.678-5', '10.000.013-0', '7.654.321-0'],
  ],
};

describe('the ids of owners', () => {
  it('writes a RUT in one way, however it is spelt', () => {
    expect(spellings.length).toBe(40);
    for (const [written, rut] of spellings) expect([written, read('rut', written)]).toEqual([written, rut]);
  });

  it('refuses what is no RUT, and says what is wrong with it', () => {
    expect(Object.values(wrong).flat().length).toBe(40);
    for (const [message, texts] of Object.entries(wrong))
      for (const text of texts) expect([text, read('rut', text)]).toEqual([text, `refused: ${message}`]);
  });

  it('writes a phone in E.164, and refuses what is none', () => {
    expect(read('e164', '+56 9 6123 4567')).toBe('+56961234567');
    expect(read('e164', '0056 9 6123 4567')).toBe('+56961234567');
    expect(read('e164', '961234567')).toMatch(/^refused: must be a phone number with \+/);
    expect(read('e164', 'ana')).toMatch(/^refused: must be a phone number/);
  });

  it('leaves other ids as they are, as long as they are ids', () => {
    expect(read('uuid', 'Ana.Perez@example')).toBe('Ana.Perez@example');
    expect(read('uuid', 'ana/../eva')).toMatch(/^refused: may contain letters, digits/);
    expect(read('uuid', 'a'.repeat(129))).toMatch(/^refused: /);
    expect(read('uuid', 'José')).toMatch(/^refused: may contain/);
  });
});
