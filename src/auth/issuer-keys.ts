import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';

/** The public keys of an external issuer. */
export interface IssuerKeys {
  /** The key that a token names. Throws UnavailableError when it is unknown here and the issuer cannot be asked. */
  readonly find: JWTVerifyGetKey;
  close(): void;
}

export interface IssuerKeysOptions {
  /** The `iss` of its tokens. */
  issuer: string;
  /** Null: where the issuer's discovery document says. */
  jwksUrl: string | null;
  /** The keys are read again after so long, whatever happens: what the issuer took back is refused from then on. */
  refreshSeconds: number;
  log: Log;
}

/** The issuer has this long to answer, in ms. */
const timeoutMs = 5000;
/** Between two readings because of a key nobody has heard of, in ms: made-up key ids must not become requests to the issuer. */
const cooldownMs = 5000;
/** An issuer that could not be asked is asked again after so long, in ms. */
const retryMs = 1000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/**
 * Keys once read stay good while the issuer is down. The first token that needs them reads them: the server starts without
 * the issuer.
 */
export function createIssuerKeys({ issuer, jwksUrl, refreshSeconds, log }: IssuerKeysOptions): IssuerKeys {
  let keySet: Promise<KeySet> | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;

  function unavailable(): UnavailableError {
    const retryAfterMs = Math.max(1, Math.ceil(failedAt + retryMs - performance.now()));
    return new UnavailableError('The issuer of this token does not answer; try again.', retryAfterMs);
  }

  function fail(error: unknown): UnavailableError {
    failedAt = performance.now();
    log.warn({ err: error, issuer }, 'the keys of the token issuer cannot be read');
    return unavailable();
  }

  const failedJustNow = () => performance.now() - failedAt < retryMs;

  const timer = setInterval(() => {
    void keySet?.then((keys) => keys.reload()).catch(fail);
  }, refreshSeconds * 1000).unref();

  return {
    async find(header, token) {
      if (keySet === null && failedJustNow()) throw unavailable();
      keySet ??= locate({ issuer, jwksUrl });
      const keys = await keySet.catch((error: unknown) => {
        keySet = null;
        throw fail(error);
      });
      const isKnown = keys.jwks()?.keys.some(({ kid }) => kid === header.kid) === true;
      if (!isKnown && failedJustNow()) throw unavailable();
      try {
        return await keys(header, token);
      } catch (error) {
        throw isTokensFault(error) ? error : fail(error);
      }
    },
    close: () => clearInterval(timer),
  };
}

/** The issuer answered, and the token names no key of its, or one that does not fit. */
function isTokensFault(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

async function locate({ issuer, jwksUrl }: Pick<IssuerKeysOptions, 'issuer' | 'jwksUrl'>): Promise<KeySet> {
  const url = jwksUrl ?? (await discover(issuer));
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    // A timer reads them again, so that a token never waits for it and an issuer that is down costs nothing.
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
}

/** Reads the keys once, as the first token does. Resolves to how many there are; throws what keeps them away. */
export async function countIssuerKeys(issuer: Pick<IssuerKeysOptions, 'issuer' | 'jwksUrl'>): Promise<number> {
  const keys = await locate(issuer);
  await keys.reload();
  return keys.jwks()?.keys.length ?? 0;
}

/** Where the issuer says that its keys are (OpenID Connect Discovery). */
async function discover(issuer: string): Promise<string> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`the discovery document was answered with ${response.status}`);
  const document = z.looseObject({ issuer: z.literal(issuer), jwks_uri: z.url() }).safeParse(await response.json());
  if (!document.success) throw new Error('the discovery document names another issuer, or no place of its keys');
  return document.data.jwks_uri;
}
