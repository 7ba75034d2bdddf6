import { createRedaction } from '../../shared/redaction/redaction';

const card = '4111111111111111';
const address = 'ana@example.com';

describe('a masking', () => {
  it('counts over all that it masked, and speaks of nothing where it masked nothing', () => {
    const masking = createRedaction({ REDACT: 'secrets' })();
    expect(masking.text(`Charge ${card}, tell ${address}`)).toBe(`Charge [card], tell ${address}`);
    expect(masking.report()).toEqual({ redacted: { card: 1 } });
    expect(masking.deep({ a: [card], pin: '1234' })).toEqual({ a: ['[card]'], pin: '[password]' });
    expect(masking.report()).toEqual({ redacted: { card: 2, password: 1 } });
    expect(createRedaction({ REDACT: 'secrets' })().report()).toEqual({});
  });

  it('reads a value with its key, and leaves what is no secret as it is', () => {
    const { deep } = createRedaction({ REDACT: 'secrets' })();
    expect(deep({ password: 'swordfish', apiKey: 'abc123def456ghi789', order: card, at: 1772366400000 })).toEqual({
      ...{ password: '[password]', apiKey: '[api key]', order: card, at: 1772366400000 },
    });
    const plain = { Source_App: 'bot', userId: 7, nested: { user_id: [1.5, null, true, 'ñ 🎈'], password: '' } };
    expect(deep(plain)).toEqual(plain);
    expect(deep({ card: Number(card) })).toEqual({ card: '[card]' });
  });

  it('masks personal data where REDACT is pii, and nothing where it is off', () => {
    const pii = createRedaction({ REDACT: 'pii' })();
    expect(pii.deep({ mail: address, phone: '9 8765 4321', card })).toEqual({
      ...{ mail: '[e-mail]', phone: '[phone]', card: '[card]' },
    });
    expect(pii.report()).toEqual({ redacted: { email: 1, phone: 1, card: 1 } });
    const off = createRedaction({ REDACT: 'off' })();
    expect([off.text(card), off.deep({ card }), off.report()]).toEqual([card, { card }, {}]);
  });
});
