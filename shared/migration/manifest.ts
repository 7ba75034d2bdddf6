import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Checkpoints, ItemRow, RunRow } from './checkpoints';
import { MigrationError } from './migration-contract';
import { writeWhole } from './write-whole';

/** An item as the manifest names it: what it was, what it says, and where it lies now, which is also what a rollback takes out. */
const line = ({ userId, sourceId, contentHash, state, targetIds }: ItemRow) =>
  JSON.stringify({ user_id: userId, source_id: sourceId, sha256: contentHash, state, target_ids: targetIds });

async function* linesOf(checkpoints: Pick<Checkpoints, 'peopleOf' | 'itemsOf'>, runId: string): AsyncGenerator<string> {
  for await (const people of checkpoints.peopleOf(runId))
    for (const userId of people) for (const row of await checkpoints.itemsOf(runId, userId)) yield line(row);
}

/** How many items a run has, and the sha256 over all of them: each as the manifest's line, in its order. */
export async function digestOf(checkpoints: Pick<Checkpoints, 'peopleOf' | 'itemsOf'>, runId: string) {
  const hash = createHash('sha256');
  let items = 0;
  for await (const each of linesOf(checkpoints, runId)) {
    hash.update(`${each}\n`);
    items++;
  }
  return { items, sha256: hash.digest('hex') };
}

const head = z.strictObject({
  format: z.literal('keepsake-manifest'),
  version: z.literal(1),
  run: z.string(),
  from: z.string(),
  to: z.string(),
  started_at: z.string(),
  keep_source_until: z.string(),
  items: z.number(),
  sha256: z.string(),
});
type Head = z.output<typeof head>;

/** What is signed: the head without white space, its keys in this order. */
const signed = (head: Head) => Buffer.from(JSON.stringify(head));

function readKey(pem: string | undefined): KeyObject {
  const how = 'Make one with `openssl genpkey -algorithm ed25519`, and keep its public half for whoever verifies.';
  if (pem === undefined)
    throw new MigrationError('signing_key', `MIGRATION_SIGNING_KEY is not set, and it has no default. ${how}`);
  try {
    const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below; what OpenSSL says may quote the key.
  }
  throw new MigrationError('signing_key', `MIGRATION_SIGNING_KEY is no Ed25519 private key in PEM. ${how}`);
}

export interface ManifestOptions {
  run: RunRow;
  checkpoints: Pick<Checkpoints, 'peopleOf' | 'itemsOf'>;
  file: string;
  keepUntil: Date;
  signingKey: string | undefined;
}

/**
 * Writes the manifest of a run to `file`, whole or not at all. It is JSON: the head, its Ed25519 signature in base64, and an item a line.
 * Rejects with `MigrationError` where there is no key, or the file cannot be written.
 */
export async function writeManifest({ run, checkpoints, file, keepUntil, signingKey }: ManifestOptions) {
  const key = readKey(signingKey);
  const { items, sha256 } = await digestOf(checkpoints, run.id);
  const content: Head = {
    ...{ format: 'keepsake-manifest', version: 1, run: run.id, from: run.source, to: run.target },
    ...{ started_at: run.startedAt.toISOString(), keep_source_until: keepUntil.toISOString(), items, sha256 },
  };
  const signature = sign(null, signed(content), key).toString('base64');
  await writeWhole(file, async (write) => {
    await write(`{"head":${JSON.stringify(content)},\n"signature":"${signature}",\n"items":[`);
    let isFirst = true;
    for await (const each of linesOf(checkpoints, run.id)) {
      await write(`${isFirst ? '' : ','}\n${each}`);
      isFirst = false;
    }
    await write('\n]}\n');
  });
  return { items, sha256 };
}

/** Whether a manifest is as it was signed by the owner of `publicKey` (PEM): its head, and each of its items. */
export async function verifyManifest(file: string, publicKey: string): Promise<boolean> {
  const {
    head: content,
    signature,
    items,
  } = z
    .object({ head, signature: z.string(), items: z.array(z.unknown()) })
    .parse(JSON.parse(await readFile(file, 'utf8')));
  const hash = createHash('sha256');
  for (const item of items) hash.update(`${JSON.stringify(item)}\n`);
  const isWhole = items.length === content.items && hash.digest('hex') === content.sha256;
  return isWhole && verify(null, signed(content), createPublicKey(publicKey), Buffer.from(signature, 'base64'));
}
