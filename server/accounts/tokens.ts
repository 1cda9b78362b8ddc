// Owns the signed tokens by which a browser keeps its identity on one site. Knows nothing of authors or sockets; whether
// an author still exists or may write is asked elsewhere.
import { hkdfSync } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { AppError } from '../../shared/errors.js';
import { isId } from '../../shared/ids.js';
import { TOKEN_MAX } from '../../shared/limits.js';
import { SECRET_MIN } from '../config.js';

/** A token lasts this long from its last renewal, which comes with each `me:guest`. */
export const TOKEN_DAYS = 365;

/** Nodes of one installation share the secret, not the clock. */
const CLOCK_TOLERANCE_SECONDS = 60;
const ISSUER = 'afterword';

export interface Tokens {
  /** A token that says: the bearer is this author, on this site. */
  issueGuest(claim: { author: string; site: string }): Promise<string>;
  /** The author of a token made by `issueGuest` for this site. Throws `token_invalid` for everything else. */
  verify(token: string, site: string): Promise<{ author: string }>;
}

/** Throws a RangeError where the secret has fewer than `SECRET_MIN` characters. */
export function createTokens(secret: string): Tokens {
  if (secret.length < SECRET_MIN) throw new RangeError(`the secret needs at least ${SECRET_MIN} characters`);
  // A key of its own for this use, so that the secret can serve others without one's output being another's proof.
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'afterword identity token', 32));

  return {
    issueGuest({ author, site }) {
      return new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(author)
        .setAudience(site)
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_DAYS} days`)
        .sign(key);
    },

    async verify(token, site) {
      if (typeof token !== 'string' || token.length > TOKEN_MAX || !isCanonical(token))
        throw new AppError('token_invalid');
      const payload = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: site,
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      }).then(
        (verified) => verified.payload,
        () => null, // why it failed is of use to an attacker only
      );
      const author = payload?.sub;
      if (author === undefined || !isId(author)) throw new AppError('token_invalid');
      return { author };
    },
  };
}

/** Whether each part is written as base64url writes it: decoders ignore the spare bits of a part's last character. */
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
