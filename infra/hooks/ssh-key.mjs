/**
 * What azd runs before it provisions. Azure makes no Linux VM without a login; this gives it a public key whose private half
 * is thrown away, so that the key opens nothing. Does nothing where a key is set, or where Qdrant is your own.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';

/** A field of SSH's format: its length, then its bytes (RFC 4251, 5). */
const field = (bytes) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A number, which SSH takes as negative unless its first bit is zero. */
const number = (base64url) => {
  const bytes = Buffer.from(base64url, 'base64url');
  return field(bytes[0] & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
};

if (!process.env.QDRANT_SSH_PUBLIC_KEY && !process.env.QDRANT_URL) {
  const { n, e } = generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey.export({ format: 'jwk' });
  const key = Buffer.concat([field(Buffer.from('ssh-rsa')), number(e), number(n)]);
  execFileSync('azd', ['env', 'set', 'QDRANT_SSH_PUBLIC_KEY', `ssh-rsa ${key.toString('base64')} keepsake`], {
    stdio: 'inherit',
  });
}
