import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { shippedPath } from '../../shared/config/shipped-files';

interface Job {
  permissions?: Record<string, string>;
  environment?: string;
  'timeout-minutes'?: number;
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
}
interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = shippedPath('.github', 'workflows');
const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }));
const used = (workflow: Workflow) =>
  Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));

/** What is wrong with a workflow. Its text is asked for the comment behind a pin, which YAML leaves out. */
function complaints(text: string): string[] {
  const workflow: Workflow = parse(text);
  const jobs = Object.entries(workflow.jobs);
  const signsIn = ({ steps }: Job) =>
    steps.some(({ uses, run }) => /^azure\/login@/i.test(uses ?? '') || /azd auth login/.test(run ?? ''));
  return [
    ...used(workflow)
      .filter(
        (uses) =>
          !/^[\w-]+\/[\w-]+@[\da-f]{40}$/.test(uses) || !new RegExp(`${uses} # v\\d+\\.\\d+\\.\\d+$`, 'm').test(text),
      )
      .map((uses) => `${uses} is not pinned by its commit, with its version behind it`),
    ...(JSON.stringify(workflow.permissions) === '{"contents":"read"}' ? [] : ['a job may more than read the code']),
    ...jobs
      .filter(([, job]) =>
        Object.entries(job.permissions ?? {}).some(
          ([name, level]) => !['contents:read', 'id-token:write'].includes(`${name}:${level}`),
        ),
      )
      .map(([name]) => `${name} may too much`),
    ...jobs
      .filter(([, job]) => signsIn(job) !== (job.permissions?.['id-token'] === 'write'))
      .map(([name]) => `${name} signs in to Azure without a token of its own, or has one for nothing`),
    ...jobs
      .filter(([, job]) => signsIn(job) && job.environment === undefined)
      .map(([name]) => `${name} signs in to Azure without anybody’s leave`),
    ...jobs
      .filter(([, { steps }]) =>
        steps.some(
          ({ uses, with: input }) => /^actions\/checkout@/.test(uses ?? '') && input?.['persist-credentials'] !== false,
        ),
      )
      .map(([name]) => `${name} leaves GitHub’s token in the folder`),
    ...jobs.filter(([, job]) => job['timeout-minutes'] === undefined).map(([name]) => `${name} may run for hours`),
    ...[...text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => `the secret ${name}: sign in by OIDC`),
    ...jobs
      .filter(([, { steps }]) => steps.some(({ run }) => run?.includes('${{')))
      .map(([name]) => `${name} writes a value into a script: pass it by env`),
  ];
}

describe('the workflows', () => {
  it('are check, infra and deploy', () => {
    expect(texts.map(({ name }) => name).sort()).toEqual(['check.yml', 'deploy.yml', 'infra.yml']);
  });

  it.each(texts)('$name pins its actions, may no more than it needs, and keeps no secret', ({ text }) => {
    expect(complaints(text)).toEqual([]);
  });

  const deploy = texts.find(({ name }) => name === 'deploy.yml')?.text ?? '';
  it.each([
    ['an action by its tag', /@[\da-f]{40} # v(\S+)/, '@v$1'],
    ['a pin without its version', / # v7\.0\.1/, ''],
    ['all permissions', 'permissions:\n  contents: read', 'permissions: write-all'],
    ['one permission too many', 'id-token: write', 'id-token: write\n      packages: write'],
    ['no environment', '    environment: production\n', ''],
    ['GitHub’s token left behind', 'persist-credentials: false', 'persist-credentials: true'],
    ['no end', '    timeout-minutes: 20\n', ''],
    ['a secret', 'vars.AZURE_TENANT_ID', 'secrets.AZURE_TENANT_ID'],
    ['a value in a script', '"$APP" --src', `"\${{ vars.SERVICE_API_NAME }}" --src`],
  ])('are refused with %s', (_, text, instead) => {
    const changed = deploy.replace(text, instead);
    expect(changed).not.toBe(deploy);
    expect(complaints(changed)).not.toEqual([]);
  });

  it('always check Bicep with its own CLI', () => {
    const infra: Workflow = parse(texts.find(({ name }) => name === 'infra.yml')?.text ?? '');
    expect(infra.jobs.bicep?.steps.map(({ run }) => run)).toContain('npm run infra:check -- --required');
  });
});
