import { isDatabaseUnreachable } from '../../shared/resilience/unreachable';

const withCode = (code: string, cause?: unknown) => Object.assign(new Error('failed', { cause }), { code });

describe('isDatabaseUnreachable', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', '08006', '57P01'])('says yes to %s', (code) => {
    expect(isDatabaseUnreachable(withCode(code))).toBe(true);
    expect(isDatabaseUnreachable(new Error('query failed', { cause: withCode(code) }))).toBe(true);
  });

  it.each(['23505', '42P01', 'ERR_INVALID_ARG_TYPE', ''])('says no to %p, a bug of ours', (code) => {
    expect(isDatabaseUnreachable(withCode(code))).toBe(false);
  });

  it('says no to what is no error', () => expect(isDatabaseUnreachable('ECONNREFUSED')).toBe(false));
});
