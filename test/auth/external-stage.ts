import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { afterAll } from 'vitest';
import { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { Issuer } from './issuer.ts';

export const now = () => Math.floor(Date.now() / 1000);
export const newSubject = () => `subject-${randomUUID()}`;
export const viewer = '{ viewer { id username displayName email emailVerifiedAt role } }';

export const isRefused = async (actor: Actor) => (await actor.refusal(viewer)) === 'UNAUTHENTICATED';
/** Tokens have whole seconds: one of the second in which a session ended is of before its end. */
export const nextSecond = () => {
  const second = now();
  return until(() => now() > second, { what: 'the next second' });
};

/** An issuer for the suite's tests, and a server that accepts its tokens. */
export async function useExternalIssuer() {
  const issuer = await Issuer.start();
  afterAll(() => issuer.goAway());
  const oidc = {
    issuer: issuer.url,
    audience: issuer.audience,
    jwksUrl: null,
    jwksSeconds: 600,
    claims: { username: 'preferred_username', email: 'email' },
  };
  const server = useServer({ config: { oidc } });
  /** Somebody with this token and no session of ours. */
  const holder = (accessToken: string, url = server.url) =>
    new Actor(url, { userId: '', username: '', accessToken, refreshToken: '', sessionId: '' });
  /** Somebody whom the issuer knows as `claims.sub`, with a token of now. */
  const person = async (claims: JWTPayload & { sub: string }, url?: string) => holder(await issuer.token(claims), url);
  return { issuer, oidc, server, holder, person };
}
