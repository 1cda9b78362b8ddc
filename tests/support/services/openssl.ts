// A certificate of a test's own, for 127.0.0.1.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { findProgram } from '../../../tools/services.mjs';

export interface Certificate {
  /** Files; the certificate is its own authority. */
  certificate: string;
  key: string;
}

export function makeCertificate(folder: string): Certificate {
  const program = findProgram('openssl');
  if (!program) throw new Error('openssl is not installed');
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(program, [...kind, ...name, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  return { certificate, key };
}
