import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { shippedPath } from '../shared/config/shipped-files';
import { freshHome } from './support/home';
import { type LocalService, startLocalService } from './support/local-service';

interface Example {
  route: string;
  body: object;
  /** What `node -p` picks out of the answer, such as `.reply`; '' for all of it. */
  picked: string;
  printed: string;
}

/** The curl calls of the README, each with the block of output below it. */
function examples(): Example[] {
  const text = readFileSync(shippedPath('README.md'), 'utf8');
  const pattern =
    /```sh\ncurl -s \S+\/api\/(\S+) .*\n\s+-d '(.*)'(?: \\\n\s+\| node -p '.*readFileSync\(0\)\)(.*)')?\n```\n\n```\w+\n(.*)\n```/g;
  return [...text.matchAll(pattern)].map(([, route = '', body = '', picked = '', printed = '']) => ({
    ...{ route, body: JSON.parse(body), picked, printed },
  }));
}

/** Ids and dates differ from run to run. */
const timeless = (text: string) =>
  text.replace(/[\da-f]{8}-[\da-f-]{27}/g, '<id>').replace(/\d{1,2} [A-Z][a-z]+ \d{4}/g, '<date>');

describe('the README', () => {
  const home = freshHome();
  let service: LocalService;
  beforeEach(async () => {
    service = await startLocalService(home);
  });
  afterEach(() => service.stop());

  const run = async ({ route, body, picked }: Example): Promise<string> => {
    const answer = await service.call('POST', route, body);
    const value = runInNewContext(`answer${picked}`, { answer: answer.body });
    return typeof value === 'string' ? value : JSON.stringify(value);
  };

  it('shows four calls, and each prints what stands below it, the last one after a restart', async () => {
    const calls = examples();
    expect(calls.map(({ route }) => route)).toEqual(['chat', 'add-memory', 'search', 'chat']);
    for (const [i, example] of calls.entries()) {
      if (i === 3) {
        await service.stop();
        service = await startLocalService(home);
      }
      expect(timeless(await run(example))).toBe(timeless(example.printed));
    }
  }, 60_000);
});
