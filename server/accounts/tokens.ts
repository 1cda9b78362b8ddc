// Owns the signed tokens by which a browser keeps its identity on one site. Knows nothing of authors or sockets; whether
// an author still exists or may write is asked elsewhere.
import { hkdfSync } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { AppError } from '../../shared/errors.js';
import { isId } from '../../shared/ids.js';
import { TOKEN_MAX } from '../../shared/limits.js';
import { SECRET_MIN } from '../config.js';
import { believed, signing, type Secrets } from '../secrets/secrets.js';

/** A token lasts this long from its last renewal, which comes with each `me:guest`. */
export const TOKEN_DAYS = 365;

/** Nodes of one installation share the secret, not the clock. */
const CLOCK_TOLERANCE_SECONDS = 60;
const ISSUER = 'afterword';

/** A token that is older than this is replaced when its bearer comes back. */
const RENEW_AFTER_MS = 30 * 24 * 60 * 60 * 1000;

export interface Verified {
  author: string;
  /** Whether to hand out a new token: this one is signed with a secret that will be dropped, or is getting old. */
  renew: boolean;
}

export interface Tokens {
  /** A token that says: the bearer is this author, on this site. */
  issueGuest(claim: { author: string; site: string }): Promise<string>;
  /** The author of a token made by `issueGuest` for this site. Throws `token_invalid` for everything else. */
  verify(token: string, site: string): Promise<Verified>;
}

/** `secrets` are asked for each time. Throws a RangeError where one has fewer than `SECRET_MIN` characters. */
export function createTokens(secrets: () => Secrets): Tokens {
  const keys = new Map<string, Uint8Array>();
  const keyOf = (secret: string): Uint8Array => {
    if (secret.length < SECRET_MIN) throw new RangeError(`the secret needs at least ${SECRET_MIN} characters`);
    // A key of its own for this use, so that the secret can serve others without one's output being another's proof.
    const key = keys.get(secret) ?? new Uint8Array(hkdfSync('sha256', secret, '', 'afterword identity token', 32));
    keys.set(secret, key);
    return key;
  };
  for (const { value } of secrets().all) keyOf(value);

  return {
    issueGuest({ author, site }) {
      return new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(author)
        .setAudience(site)
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_DAYS} days`)
        .sign(keyOf(signing(secrets(), Date.now()).value));
    },

    async verify(token, site) {
      if (typeof token !== 'string' || token.length > TOKEN_MAX || !isCanonical(token))
        throw new AppError('token_invalid');
      for (const [n, { value }] of believed(secrets(), Date.now()).entries()) {
        const payload = await jwtVerify(token, keyOf(value), {
          algorithms: ['HS256'],
          issuer: ISSUER,
          audience: site,
          requiredClaims: ['sub', 'iat', 'exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        }).then(
          (verified) => verified.payload,
          () => null, // why it failed is of use to an attacker only
        );
        if (payload === null) continue;
        const { sub: author, iat = 0 } = payload;
        if (author === undefined || !isId(author)) break;
        return { author, renew: n > 0 || iat * 1000 + RENEW_AFTER_MS < Date.now() };
      }
      throw new AppError('token_invalid');
    },
  };
}

/** Whether each part is written as base64url writes it: decoders ignore the spare bits of a part's last character. */
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
