import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  key: string;
  cert: string;
  /** Where `cert` lies: for NODE_EXTRA_CA_CERTS. */
  certFile: string;
  remove(): void;
}

/** A certificate for 127.0.0.1 that is good for a day and signed by nobody. */
export function createCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const name = ['-subj', '/CN=loopback', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...name, '-keyout', keyFile, '-out', certFile], {
    stdio: 'ignore',
  });
  return {
    ...{ key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8'), certFile },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
