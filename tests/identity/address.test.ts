import { ProblemError } from '../../shared/http/problem';
import { toAddress } from '../../shared/identity/address';
import type { Address, ChannelType } from '../../shared/identity/identity-contract';

const phone = (address: string): Address => ({ kind: 'phone', address });

/** Ways in which people and channels write +14155550123. */
const spellings = [
  ...['+14155550123', '+1 415 555 0123', '+1-415-555-0123', '+1.415.555.0123', '+1 (415) 555-0123', '(+1) 415 5550123'],
  ...['0014155550123', '00 1 415 555 0123', 'tel:+1-415-555-0123', 'whatsapp:+14155550123', 'SMS:+14155550123'],
  ...['  +1 415 555 0123\n', '+1\u00a0415\u2009555\u202f0123', '+1\u2011415\u2013555\u22120123'],
  ...['＋１ ４１５ ５５５ ０１２３', '+١ ٤١٥ ٥٥٥ ٠١٢٣', '+१ ४१५ ५५५ ०१२३', '\u202a+14155550123\u202c'],
];

describe('a phone number', () => {
  it.each(spellings)('%j is +14155550123 on every channel that has phones', (address) => {
    for (const type of ['whatsapp', 'sms', 'imessage'] as const)
      expect(toAddress({ type, address })).toEqual(phone('+14155550123'));
  });

  it('of WhatsApp needs no +', () => {
    expect(toAddress({ type: 'whatsapp', address: '14155550123' })).toEqual(phone('+14155550123'));
    expect(toAddress({ type: 'whatsapp', address: 'whatsapp:1 415 555 0123' })).toEqual(phone('+14155550123'));
  });

  it.each([
    ['+44 (0)20 7946 0958', '+442079460958', 'with the 0 that is dialled inside the country'],
    ['+39 06 1234 5678', '+390612345678', 'with the 0 that is part of it'],
    ['+5215512345678', '+525512345678', 'with the 1 that Mexico dropped'],
    ['+553188887777', '+5531988887777', 'without the 9 that Brazil put before mobile numbers'],
    ['+553132221111', '+553132221111', 'in Brazil, of a landline'],
    ['+54 11 15 2345-6789', '+5491123456789', 'with the 15 of mobile phones in Argentina'],
    ['+1 555 123 4567', '+15551234567', 'that no one was given yet'],
  ])('%s is %s: %s', (address, expected) => {
    expect(toAddress({ type: 'sms', address })).toEqual(phone(expected));
  });
});

describe('any other address', () => {
  it.each<[ChannelType, string, Address]>([
    ['imessage', ' Ana@Example.COM ', { kind: 'email', address: 'ana@example.com' }],
    ['imessage', 'mailto:ana@example.com', { kind: 'email', address: 'ana@example.com' }],
    ['telegram', '5213141592', { kind: 'telegram', address: '5213141592' }],
    ['telegram', '@Ana_Lima', { kind: 'telegram', address: '@ana_lima' }],
    ['web', 'auth0|Ünï-🎈', { kind: 'web', address: 'auth0|Ünï-🎈' }],
    ['web', 'x'.repeat(128), { kind: 'web', address: 'x'.repeat(128) }],
    ['web', '+1415', { kind: 'web', address: '+1415' }],
  ])('of %s, %j, is %j', (type, address, expected) => {
    expect(toAddress({ type, address })).toEqual(expected);
  });
});

const none: [ChannelType, string][] = [
  ...[
    ...['', ' ', '+', '++14155550123', '+1+4155550123', '4155550123', '14155550123', '12345', '911', '+1 911'],
    ...[
      '+1415555012',
      '+1 415 555 01234',
      '+999 123 456 789',
      '+0 415 555 0123',
      '+00 1 415 555 0123',
      '000014155550123',
    ],
    ...[
      '+1 415 555 0123 ext 5',
      '+14155550123;ext=5',
      '+1415FLOWERS',
      'call +14155550123',
      'Keepsake',
      'ana@example.com',
    ],
    ...['+1,415,555,0123', '+1_415_555_0123', `+${'1'.repeat(40)}`, '+½415'],
  ].map((address): [ChannelType, string] => ['sms', address]),
  ...['', '0', '4155550123', 'ana@example.com'].map((address): [ChannelType, string] => ['whatsapp', address]),
  ...['ana@', '@example.com', 'ana@example', 'a b@example.com', '4155550123'].map((address): [ChannelType, string] => [
    'imessage',
    address,
  ]),
  ...[
    'ana',
    '@an',
    '@1ana',
    '@ana-lima',
    `@${'a'.repeat(33)}`,
    '-1001234567890',
    '0',
    '007',
    '1e9',
    '12345678901234567',
  ].map((address): [ChannelType, string] => ['telegram', address]),
  ...['', 'x'.repeat(129), 'a b', 'a\tb', 'a/b', 'a\u0000b', 'a\u200bb', 'a\u00a0b', '\ud800'].map(
    (address): [ChannelType, string] => ['web', address],
  ),
];

describe('what is no address', () => {
  it.each(none)('of %s: %j', (type, address) => {
    const problem = problemOf(() => toAddress({ type, address }, 'participants.3.address'));
    expect(problem.status).toBe(400);
    expect(problem.errors).toEqual([
      { path: 'participants.3.address', message: expect.stringMatching(/^must be (?:a phone|the numeric|1 to 128)/) },
    ]);
  });

  it('is not repeated in the problem', () => {
    const problem = problemOf(() => toAddress({ type: 'sms', address: 'canary' }));
    expect(JSON.stringify([problem.message, problem.errors])).not.toContain('canary');
  });
});

function problemOf(read: () => unknown): ProblemError {
  try {
    read();
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('it was taken for an address');
}
