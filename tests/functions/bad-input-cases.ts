/** Requests that no door may take, as data. Nothing here is ever stored. */
export interface BadRequest {
  title: string;
  method: string;
  /** Under /api. */
  route: string;
  body?: string | Buffer;
  /** `application/json` unless told; null sends none. */
  contentType?: string | null;
  /** 400 unless told. */
  status?: number;
  /** The field that the problem must name. */
  path?: string;
}

/** Stands in a route for the id of a memory, or of a goal, that is there. */
export const memoryId = '{memory}';
export const goalId = '{goal}';

type Kind =
  | 'text'
  | 'value'
  | 'userId'
  | 'channel'
  | 'channels'
  | 'moment'
  | 'list'
  | 'object'
  | 'flag'
  | 'integer'
  | 'number'
  | 'choice';

interface Door {
  name: string;
  method: string;
  route: string;
  /** A good request, which each case spoils in one place. */
  good: Record<string, unknown>;
  fields: Record<string, Kind>;
  /** Whether nothing has to be said. */
  allOptional?: boolean;
  /** Whether it takes 2 MiB instead of 256 KiB. */
  isBulk?: boolean;
}

export const bodyDoors: Door[] = [
  {
    name: 'add-memory',
    method: 'POST',
    route: 'add-memory',
    good: { user_id: 'mallory', text: 'This is never stored.' },
    fields: {
      ...{
        user_id: 'userId',
        channel: 'channel',
        text: 'text',
        speaker: 'text',
        messages: 'list',
        at: 'moment',
        session_id: 'text',
        type: 'text',
      },
      ...{ tags: 'list', metadata: 'object', infer: 'flag', message_id: 'text', expires_at: 'moment' },
    },
  },
  {
    name: 'search',
    method: 'POST',
    route: 'search',
    good: { user_id: 'mallory', query: 'What is never stored?' },
    fields: {
      ...{
        user_id: 'userId',
        channel: 'channel',
        query: 'text',
        limit: 'integer',
        types: 'list',
        topics: 'list',
        tags: 'list',
        metadata: 'object',
      },
      ...{
        session_id: 'text',
        since: 'moment',
        until: 'moment',
        min_score: 'number',
        max_tokens: 'integer',
        debug: 'flag',
      },
    },
  },
  {
    name: 'chat',
    method: 'POST',
    route: 'chat',
    good: { user_id: 'mallory', message: 'I want to run every day' },
    fields: {
      ...{ user_id: 'userId', channel: 'channel', sender: 'channel', participants: 'channels' },
      ...{ message: 'text', personality: 'choice', conversation_id: 'text', message_id: 'text' },
    },
  },
  {
    name: 'memory',
    method: 'PATCH',
    route: `memories/${memoryId}`,
    good: { text: 'This is never stored.' },
    fields: { text: 'text', metadata: 'object', expires_at: 'moment' },
  },
  {
    name: 'goal',
    method: 'PATCH',
    route: `goals/${goalId}`,
    good: { title: 'never stored' },
    fields: { title: 'text', status: 'choice' },
  },
  {
    name: 'identities-link',
    method: 'POST',
    route: 'identities/link',
    good: { user_id: 'mallory', channel: { type: 'web', address: 'never-stored' } },
    fields: { user_id: 'userId', channel: 'channel' },
  },
  {
    name: 'conversations',
    method: 'POST',
    route: 'conversations',
    good: { session_id: 's-1', user: { id: 'mallory' }, query: 'Is this stored?', answer: 'Never.' },
    fields: {
      ...{ session_id: 'text', call_id: 'text', user: 'object', query: 'text', answer: 'text', messages: 'list' },
      ...{ at: 'moment', tags: 'list', metadata: 'object' },
    },
  },
  {
    name: 'conversations-batch',
    method: 'POST',
    route: 'conversations/batch',
    good: { conversations: [{ session_id: 's-1', user: { id: 'mallory' }, query: 'Is this stored?', answer: 'No.' }] },
    fields: {},
    isBulk: true,
  },
  {
    name: 'leads',
    method: 'POST',
    route: 'leads',
    good: { session_id: 's-1', lead_data: { name: 'Never stored' } },
    fields: { session_id: 'text', call_id: 'text', lead_data: 'object', transcript_summary: 'text' },
  },
  {
    name: 'profile',
    method: 'PUT',
    route: 'profiles/mallory',
    good: { full_name: 'Never stored' },
    fields: { full_name: 'value', email: 'value', phone: 'value', role: 'value', metadata: 'object' },
    allOptional: true,
  },
  {
    name: 'company',
    method: 'PUT',
    route: 'companies/mallory-ltd',
    good: { name: 'Never stored' },
    fields: {
      ...{ name: 'value', tax_regime: 'value', activity: 'value', legal_representative: 'value' },
      ...{ start_date: 'value', accounting_start: 'value', metadata: 'object' },
    },
    allOptional: true,
  },
  {
    name: 'company-session',
    method: 'PUT',
    route: 'companies/mallory-ltd/sessions/mallory',
    good: { expires_at: '2099-01-01' },
    fields: { expires_at: 'moment' },
    allOptional: true,
  },
  {
    name: 'migrations',
    method: 'POST',
    route: 'migrations',
    good: { source: 'local', target: 'zep', users: ['mallory'], dry_run: true },
    fields: {
      ...{ source: 'choice', target: 'choice', users: 'list', session_id: 'text', mode: 'choice', since: 'moment' },
      ...{
        dry_run: 'flag',
        new_people: 'flag',
        role: 'text',
        batch_size: 'integer',
        concurrency: 'integer',
        error_budget: 'number',
      },
    },
  },
  {
    name: 'brain-load',
    method: 'POST',
    route: 'brain/load',
    good: { kind: 'users' },
    fields: { kind: 'choice', id: 'text' },
  },
  {
    name: 'brain-onboarding',
    method: 'POST',
    route: 'brain/onboarding',
    good: { person: { id: 'mallory', full_name: 'Never stored' } },
    fields: { person: 'object', company: 'object' },
  },
  {
    name: 'brain-settings',
    method: 'POST',
    route: 'brain/settings',
    good: { kind: 'users', id: 'mallory', after: { language: 'never stored' } },
    fields: { kind: 'choice', id: 'text', before: 'object', after: 'object' },
  },
  {
    name: 'brain-facts',
    method: 'PUT',
    route: 'brain/users/mallory',
    good: { memories: [{ slug: 'user_role', category: 'profile', content: 'This is never stored.' }] },
    fields: { memories: 'list' },
  },
  {
    name: 'sync',
    method: 'POST',
    route: 'sync',
    good: { user_id: 'mallory' },
    fields: { user_id: 'userId', full: 'flag' },
    allOptional: true,
  },
];

const wrongChannels = [
  ...['7', '"sms"', '[]', '{}', '{"type":"sms"}', '{"address":"a"}', '{"type":"fax","address":"a"}'],
  ...['{"type":"web","address":7}', '{"type":"web","address":""}', '{"type":"web","address":"a\\u0000"}'],
  ...[`{"type":"web","address":"${'x'.repeat(257)}"}`, '{"type":"web","address":"a","admin":1}'],
];

/** JSON as it goes over the wire, so that it can say what JSON.stringify never would. */
const wrongJson: Record<Kind, string[]> = {
  text: [
    '7',
    'true',
    '{}',
    '["a"]',
    '""',
    '" \\t\\n"',
    '"a\\u0000b"',
    '"\\ud800 alone"',
    '"alone \\udc00"',
    `"${'x'.repeat(8_001)}"`,
  ],
  // As a text, but empty it says that nothing is known.
  value: ['7', 'true', '{}', '["a"]', '" \\t\\n"', '"a\\u0000b"', '"\\ud800 alone"', `"${'x'.repeat(8_001)}"`],
  userId: ['7', 'null', '["ana"]', '""', '"a b"', '"ana/../ben"', '"añá"', '"a\\u0000"', `"${'x'.repeat(129)}"`],
  channel: wrongChannels,
  channels: ['{}', '[]', ...wrongChannels.map((json) => `[${json}]`)],
  moment: [
    ...[
      '7',
      '1772000000000',
      'true',
      '{}',
      '""',
      '"yesterday"',
      '"2026-02-30"',
      '"2026-13-01"',
      '"1899-12-31"',
      '"0000-01-01"',
    ],
    ...[
      '"10000-01-01"',
      '"+275760-09-13T00:00:00Z"',
      '"2026-03-01T08:30:00"',
      '"2026-03-01T25:00:00Z"',
      '"9999-12-31T23:59:59-01:00"',
    ],
  ],
  list: [
    '7',
    '"a"',
    '{}',
    '{"length":1,"0":"a"}',
    '[7]',
    '[null]',
    '[[]]',
    '[""]',
    '["a\\u0000"]',
    `[${'"a",'.repeat(200)}"a"]`,
  ],
  object: [
    '7',
    '"a"',
    'true',
    '[]',
    '[{}]',
    '{"a":{"b":{"c":{"d":{"e":{}}}}}}',
    '{"a":1e400}',
    '{"a":"\\ud800"}',
    '{"\\u0000":1}',
  ],
  flag: ['0', '"true"', '[]', '{}'],
  integer: ['"5"', '0', '-1', '1.5', '1e400', '9007199254740992', '[]', 'true'],
  number: ['"0.5"', '1e400', '-1e400', '1e300', '[]', 'true'],
  choice: ['7', '""', '"villain"', '["zen"]', '{}', '"__proto__"'],
};

const short = (json: string) => (json.length > 40 ? `${json.slice(0, 30)}… (${json.length} characters)` : json);
const withField = (good: Record<string, unknown>, field: string, json: string) =>
  `{${[
    ...Object.entries(good)
      .map(([name, value]) => [name, JSON.stringify(value)])
      .filter(([name]) => name !== field),
    [field, json],
  ].map(([name, value]) => `"${name}":${value}`)}}`;

const deepList = '['.repeat(100_000) + ']'.repeat(100_000);
const deepObject = `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`;

function* fieldCases({ name, method, route, good, fields }: Door): Generator<BadRequest> {
  for (const [field, kind] of Object.entries(fields)) {
    const spoiled = (json: string): BadRequest => ({
      title: `${name}: ${field} = ${short(json)}`,
      ...{ method, route, body: withField(good, field, json), path: field },
    });
    yield* wrongJson[kind].map(spoiled);
    yield { ...spoiled(deepList), title: `${name}: ${field} = a list 100,000 levels deep` };
    if (kind !== 'object') yield { ...spoiled(deepObject), title: `${name}: ${field} = an object 40,000 levels deep` };
  }
  for (const key of ['metadata', 'lead_data', 'tags'].filter((field) => field in fields)) {
    const wrong =
      key === 'tags'
        ? [JSON.stringify(Array.from({ length: 21 }, (_, i) => `tag ${i}`)), JSON.stringify(['x'.repeat(65)])]
        : [
            '{"__proto__":{"admin":true}}',
            '{"a":{"constructor":1}}',
            '{"a":[{"prototype":1}]}',
            `{"a":"${'x'.repeat(16 * 1024)}"}`,
            deepObject,
          ];
    for (const json of wrong) {
      yield { title: `${name}: ${key} = ${short(json)}`, method, route, body: withField(good, key, json), path: key };
    }
  }
}

function* bodyCases({ name, method, route, good, allOptional, isBulk }: Door): Generator<BadRequest> {
  const text = JSON.stringify(good);
  const body = (title: string, content: string | Buffer, more: Partial<BadRequest> = {}): BadRequest => ({
    title: `${name}: ${title}`,
    ...{ method, route, body: content, ...more },
  });
  yield body('no body', '');
  yield body('not JSON', 'user_id=mallory&text=hello');
  yield body('JSON cut off', text.slice(0, -3));
  yield body('two JSON objects', text + text);
  yield body('single quotes', text.replaceAll('"', "'"));
  yield body('a list', `[${text}]`);
  yield body('a text', JSON.stringify(text));
  yield body('null', 'null');
  yield body('a number', '1e400');
  if (!allOptional) yield body('no field at all', '{}');
  yield body(
    'invalid UTF-8',
    Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]),
  );
  yield body('UTF-16', Buffer.from(text, 'utf16le'));
  yield body('a list 100,000 levels deep', deepList);
  yield body('an object 40,000 levels deep', deepObject);
  yield body('an unknown field', withField(good, 'admin', 'true'), { path: 'admin' });
  yield body('a field in camelCase', withField(good, 'userId', '"ana"'), { path: 'userId' });
  for (const key of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString']) {
    yield body(`the key ${key}`, withField(good, key, '{"admin":true}'), { path: key });
  }
  if (!isBulk) yield body('more than 256 KiB', text.padEnd(256 * 1024 + 1), { status: 413 });
  yield body('more than 2 MiB', text.padEnd(2.5 * 1024 * 1024), { status: 413 });
  for (const contentType of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/jsonp',
    null,
  ]) {
    yield body(`content type ${contentType ?? 'missing'}`, text, { contentType, status: 415 });
  }
}

const encode = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
const aUuid = '00000000-0000-4000-8000-000000000000';

function* addressCases(): Generator<BadRequest> {
  const request = (title: string, method: string, route: string, more: Partial<BadRequest> = {}): BadRequest => ({
    title,
    method,
    route,
    ...more,
  });
  const idRoutes: [method: string, route: (id: string) => string, body?: string][] = [
    ['GET', (id) => `memories/${id}`],
    ['DELETE', (id) => `memories/${id}`],
    ['PATCH', (id) => `memories/${id}`, '{"text":"This is never stored."}'],
    ['GET', (id) => `memories/${id}/history`],
    ['PATCH', (id) => `goals/${id}`, '{"status":"done"}'],
    ['GET', (id) => `jobs/${id}`],
  ];
  const badIds = [
    '1',
    'null',
    `${aUuid}x`,
    aUuid.slice(1),
    "'%20or%201=1--",
    '%00',
    '..%2F..%2Fetc',
    '%F0%9F%8E%88',
    'x'.repeat(5_000),
  ];
  for (const [method, route, body] of idRoutes) {
    for (const id of badIds) yield request(`${method} ${short(route(id))}`, method, route(id), { body, path: 'id' });
    yield request(`${method} ${route(aUuid)}, which is not there`, method, route(aUuid), { body, status: 404 });
    yield request(`${method} ${route(aUuid)} with what cannot be decoded`, method, `${route(aUuid)}%zz`, { body });
  }
  const lists = ['memories', 'goals', 'check-ins'].map((list) => (user: string) => `users/${user}/${list}`);
  for (const list of lists) {
    for (const user of ['a%20b', '%00', 'ana%2Fben', '%C3%B1', 'x'.repeat(129)]) {
      yield request(`GET ${short(list(user))}`, 'GET', list(user), { path: 'user_id' });
    }
    yield request(`GET ${list('ana')} with an unknown name`, 'GET', `${list('ana')}?sort=up`, { path: 'sort' });
    yield request(`GET ${list('ana')} for somebody else`, 'GET', `${list('ana')}?user_id=ben`, { path: 'user_id' });
    yield request(`GET ${list('ana')} with a prototype key`, 'GET', `${list('ana')}?__proto__=1`, {
      path: '__proto__',
    });
  }
  for (const list of ['users', 'users/ana/memories', 'users/ana/check-ins']) {
    for (const limit of ['0', '-1', '101', '1.5', '1e400', 'ten', '', '9007199254740992', 'NaN', '0x10', '%20']) {
      yield request(`GET ${list}?limit=${limit}`, 'GET', `${list}?limit=${limit}`, { path: 'limit' });
    }
    yield request(`GET ${list} with two limits`, 'GET', `${list}?limit=1&limit=2`, { path: 'limit' });
    const cursors = [
      '',
      'rubbish',
      '%00',
      'x'.repeat(600),
      encode(null),
      encode({}),
      encode([]),
      encode(['a', 'b', 'c']),
      encode([['a']]),
    ];
    const own =
      list === 'users'
        ? [encode([7]), encode(['a\0b'])]
        : [encode(['2026-02-30T00:00:00Z', aUuid]), encode(['0000-01-01T00:00:00Z', aUuid])];
    for (const cursor of [...cursors, ...own]) {
      yield request(`GET ${list}?cursor=${short(cursor)}`, 'GET', `${list}?cursor=${cursor}`, { path: 'cursor' });
    }
  }
  for (const [kind, id] of [
    ...[
      ['profiles', 'nobody'],
      ['companies', 'nobody'],
      ['companies', 'nobody?as_user=ana'],
    ],
  ] as const)
    yield request(`GET ${kind}/${id}`, 'GET', `${kind}/${id}`, { status: 404 });
  for (const kind of ['profiles', 'companies']) {
    for (const id of ['a%20b', '%00', 'ana%2Fben', '%C3%B1', 'x'.repeat(129)]) {
      yield request(`GET ${kind}/${short(id)}`, 'GET', `${kind}/${id}`, { path: 'id' });
      yield request(`PUT ${kind}/${short(id)}`, 'PUT', `${kind}/${id}`, { body: '{}', path: 'id' });
    }
    yield request(`GET ${kind} with an unknown name`, 'GET', `${kind}/ana?sort=up`, { path: 'sort' });
    yield request(`PUT ${kind} for somebody else`, 'PUT', `${kind}/ana`, { body: '{"id":"ben"}', path: 'id' });
  }
  yield request('PUT a session of no person', 'PUT', 'companies/acme/sessions/a%20b', { body: '{}', path: 'user_id' });
  yield request('PUT a session that is over', 'PUT', 'companies/acme/sessions/ana', {
    ...{ body: '{"expires_at":"2020-01-01"}', path: 'expires_at' },
  });
  yield request('DELETE a session that is not there', 'DELETE', 'companies/acme/sessions/ana', { status: 404 });
  yield request('POST brain/load of nobody', 'POST', 'brain/load', {
    ...{ body: '{"kind":"users","id":"nobody"}', status: 404 },
  });
  yield request('GET memories of nobody', 'GET', 'users//memories', { path: 'user_id' });
  yield request('GET memories of a blank type', 'GET', 'users/ana/memories?type=%20', { path: 'type' });
  yield request('GET memories of a type with NUL', 'GET', 'users/ana/memories?type=a%00', { path: 'type' });
  yield request('GET goals of an unknown status', 'GET', 'users/ana/goals?status=lost', { path: 'status' });
  for (const door of ['health', 'statistics', `memories/${memoryId}`, `memories/${memoryId}/history`]) {
    yield request(`GET ${door} with an unknown name`, 'GET', `${door}?verbose=1`, { path: 'verbose' });
  }
  yield request('DELETE with an unknown name', 'DELETE', `memories/${memoryId}?force=1`, { path: 'force' });
  for (const [method, route] of [
    ['GET', 'chat'],
    ['PUT', 'add-memory'],
    ['DELETE', 'search'],
    ['POST', 'health'],
    ['POST', `memories/${memoryId}`],
    ['GET', `goals/${goalId}`],
    ['GET', 'conversations/batch'],
    ['DELETE', 'conversations'],
    ['DELETE', 'profiles/ana'],
    ['POST', 'companies/acme'],
    ['GET', 'companies/acme/sessions/ana'],
  ] as const) {
    yield request(`${method} ${route}`, method, route, { status: 405, ...(method !== 'GET' && { body: '{}' }) });
  }
  for (const route of ['', 'nothing', 'users/ana', 'memories', 'add-memory/more'])
    yield request(`GET /${route}`, 'GET', route, { status: 404 });
}

/** What no vendor sends to its webhook; forgeries have a test of their own. */
function* webhookCases(): Generator<BadRequest> {
  for (const channel of ['twilio', 'whatsapp', 'telegram']) {
    const request = (title: string, method: string, status: number, body?: string): BadRequest => ({
      title: `${method} webhooks/${channel} ${title}`,
      ...{ method, route: `webhooks/${channel}`, status, body },
    });
    yield request('without a signature', 'POST', 403, 'Body=This+is+never+stored.');
    yield request('without anything', 'POST', 403);
    yield request('', 'PUT', 405, '{}');
    yield request('', 'DELETE', 405);
    yield request('without a token', 'GET', channel === 'whatsapp' ? 403 : 405);
  }
}

const person = { user_id: 'mallory' };
const turn = { role: 'user', content: 'This is never stored.' };
const spoiledTurns: [title: string, messages: unknown, path: string][] = [
  ['no turn', [], 'messages'],
  ['101 turns', Array.from({ length: 101 }, () => turn), 'messages'],
  ['an unknown role', [{ ...turn, role: 'robot' }], 'messages.0.role'],
  ['no content', [turn, { role: 'user' }], 'messages.1.content'],
  ['blank content', [{ ...turn, content: ' ' }], 'messages.0.content'],
  ['content that is too long', [{ ...turn, content: 'x'.repeat(8_001) }], 'messages.0.content'],
  ['an unknown field in a turn', [{ ...turn, admin: 1 }], 'messages.0.admin'],
  ['a wrong time in a turn', [{ ...turn, at: 'noon' }], 'messages.0.at'],
  ['a NUL in a name', [{ ...turn, name: 'a\0' }], 'messages.0.name'],
];

function* addMemoryCases(): Generator<BadRequest> {
  const add = (title: string, body: object, path: string): BadRequest => ({
    title: `add-memory: ${title}`,
    method: 'POST',
    route: 'add-memory',
    body: JSON.stringify(body),
    path,
  });
  yield add('neither text nor messages', person, 'text');
  yield add('both text and messages', { ...person, text: turn.content, messages: [turn] }, 'text');
  for (const [title, messages, path] of spoiledTurns) yield add(title, { ...person, messages }, path);
}

function* callCases(): Generator<BadRequest> {
  const good = { session_id: 's-1', query: 'Is this stored?', answer: 'Never.' };
  const post = (title: string, route: string, body: object, path: string): BadRequest => ({
    title: `${route}: ${title}`,
    ...{ method: 'POST', route, body: JSON.stringify(body), path },
  });
  const store = (title: string, more: object, path: string) => post(title, 'conversations', { ...good, ...more }, path);
  for (const [title, messages, path] of spoiledTurns.filter(([what]) => !/name|101/.test(what)))
    yield store(title, { query: undefined, answer: undefined, messages }, path);
  const turns = Array.from({ length: 501 }, () => turn);
  yield store('501 turns', { query: undefined, answer: undefined, messages: turns }, 'messages');
  yield store(
    'a turn with a name',
    { query: undefined, answer: undefined, messages: [{ ...turn, name: 'a' }] },
    'messages.0.name',
  );
  yield store('a question without an answer', { answer: undefined }, 'answer');
  yield store('an answer without a question', { query: undefined }, 'query');
  yield store('a question and turns', { messages: [turn] }, 'query');
  yield store('no session', { session_id: undefined }, 'session_id');
  for (const phone of ['12345', '555 0123', '+1', '+999 123 456 789', 'call me', ' ', 'a\0', '+1'.repeat(40)])
    yield store(`the phone ${short(phone)}`, { user: { phone } }, 'user.phone');
  yield store('a blank name', { user: { name: ' ' } }, 'user.name');
  yield store('a wrong id', { user: { id: 'a b' } }, 'user.id');
  yield store('an unknown field of a caller', { user: { admin: true } }, 'user.admin');
  const batch = (title: string, conversations: unknown) =>
    post(title, 'conversations/batch', { conversations }, 'conversations');
  for (const wrong of [7, 'a', {}, null, [], Array.from({ length: 101 }, () => good)])
    yield batch(short(JSON.stringify(wrong)), wrong);
  const find = (query: string, path: string): BadRequest => ({
    title: `GET conversations?${short(query)}`,
    ...{ method: 'GET', route: `conversations?${query}`, path },
  });
  yield find('', 'phone');
  yield find('phone=%2B14155550123&name=Ana', 'phone');
  yield find('name=Ana&session_id=s-1', 'phone');
  yield find('phone=12345', 'phone');
  yield find('phone=%00', 'phone');
  yield find(`name=${'x'.repeat(257)}`, 'name');
  yield find('name=%20', 'name');
  yield find('session_id=', 'session_id');
  yield find('session_id=s-1&sort=up', 'sort');
  for (const limit of ['0', '101', 'ten', '']) yield find(`session_id=s-1&limit=${limit}`, 'limit');
}

/** Fields of a lead, as JSON. */
const spoiledLeads: [field: string, json: string[]][] = [
  ['id', ['7', '""', '"a/b"', '"a\\u0000"', `"${'x'.repeat(129)}"`]],
  ...['name', 'phone', 'email', 'company', 'interest_level', 'timeline'].map((field): [string, string[]] => [
    field,
    ['7', 'true', '[]', '{}', '""', '" "', '"\\ud800"', `"${'x'.repeat(255)}"`],
  ]),
  ['budget', ['true', '[]', '{}', '""', '1e400']],
];

function* leadCases(): Generator<BadRequest> {
  for (const [field, wrong] of spoiledLeads)
    for (const json of wrong)
      yield {
        ...{ title: `leads: ${field} = ${short(json)}`, method: 'POST', route: 'leads', path: 'lead_data' },
        body: `{"session_id":"s-1","lead_data":{"${field}":${json}}}`,
      };
  const get = (route: string, path: string, status = 400): BadRequest => ({
    ...{ title: `GET ${short(route)}`, method: 'GET', route, path: status === 400 ? path : undefined, status },
  });
  yield get('leads/nothing', 'id', 404);
  for (const id of ['%00', '%20', 'a%2Fb', 'x'.repeat(129)]) yield get(`leads/${id}`, 'id');
  yield get('leads/nothing?version=1', 'version');
  yield get('leads', '', 405);
  for (const session of ['%20', '%00', 'x'.repeat(129)]) {
    yield get(`sessions/${session}/context`, 'session_id');
    yield get(`sessions/${session}/statistics`, 'session_id');
  }
  for (const user of ['%20', 'a%2Fb', '']) yield get(`sessions/s-1/statistics?user_id=${user}`, 'user_id');
  yield get('sessions/s-1/statistics?limit=5', 'limit');
  yield get('sessions/s-1', '', 404);
  for (const phone of ['12345', '+1', 'Ana', '%00', '']) yield get(`sessions/s-1/context?phone=${phone}`, 'phone');
  yield get('sessions/s-1/context?limit=5', 'limit');
}

const web = { type: 'web', address: 'never-stored' };
const noPhone = { type: 'sms', address: '12345' };
const group = { sender: web, participants: [web], conversation_id: 'group-1' };

/** Whom a request speaks of: named twice, not at all, by halves, or by what is no address. */
function* namingCases(): Generator<BadRequest> {
  const saying: Record<string, object> = {
    chat: { message: 'I want to run every day' },
    'add-memory': { text: 'This is never stored.' },
    search: { query: 'What is never stored?' },
    'identities/link': { user_id: 'mallory' },
  };
  const name = (route: string, title: string, naming: object, path: string): BadRequest => ({
    title: `${route}: ${title}`,
    ...{ method: 'POST', route, body: JSON.stringify({ ...saying[route], ...naming }), path },
  });
  for (const route of Object.keys(saying)) {
    yield name(route, 'an address that is none', { channel: noPhone }, 'channel.address');
    if (route === 'identities/link') continue;
    yield name(route, 'nobody', {}, 'user_id');
    yield name(route, 'an id and an address', { ...person, channel: web }, 'user_id');
  }
  const chat = (title: string, naming: object, path: string) => name('chat', title, naming, path);
  yield chat('an id and a group', { ...person, ...group }, 'user_id');
  yield chat('an address and a group', { channel: web, ...group }, 'user_id');
  yield chat('a group without participants', { ...group, participants: undefined }, 'participants');
  yield chat('a group without its conversation', { ...group, conversation_id: undefined }, 'conversation_id');
  yield chat('participants of a person alone', { ...person, participants: [web] }, 'sender');
  yield chat('101 participants', { ...group, participants: Array(101).fill(web) }, 'participants');
  yield chat('a sender whose address is none', { ...group, sender: noPhone }, 'sender.address');
  yield chat(
    'a participant whose address is none',
    { ...group, participants: [web, noPhone] },
    'participants.1.address',
  );
  for (const method of ['GET', 'DELETE']) {
    const at = (route: string, path: string): BadRequest => ({ title: `${method} ${route}`, method, route, path });
    yield at('identities/fax/1', 'type');
    yield at('identities/sms/12345', 'address');
    yield at('identities/web/a%2Fb', 'address');
    yield at('identities/web/%20', 'address');
    yield at('identities/web/a%00', 'address');
    yield at(`identities/web/${'x'.repeat(129)}`, 'address');
    yield at('identities/web/a?force=1', 'force');
  }
}

export const badRequests: BadRequest[] = [
  ...bodyDoors.flatMap((door) => [...bodyCases(door), ...fieldCases(door)]),
  ...addMemoryCases(),
  ...callCases(),
  ...leadCases(),
  ...namingCases(),
  ...addressCases(),
  ...webhookCases(),
];
