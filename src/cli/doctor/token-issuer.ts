import { countIssuerKeys } from '../../auth/issuer-keys.ts';
import type { Config } from '../../config.ts';
import { codeOf } from '../../finding.ts';
import type { Check } from './check.ts';

/** Fetch hides the reason behind `fetch failed`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : (codeOf(error.cause) ?? reasonOf(error.cause));
}

/** The external issuer: whether its keys can be read from here. An instance starts without, and refuses its tokens meanwhile. */
export async function checkTokenIssuer({ oidc }: Config): Promise<Check> {
  const part = 'token issuer';
  if (oidc === null) return { part, seen: 'none but this server', findings: [] };
  const seen = oidc.issuer;
  try {
    const count = await countIssuerKeys(oidc);
    if (count === 0) throw new Error('there are none');
    return { part, seen: `${seen}, keys: ${count}`, findings: [] };
  } catch (error) {
    const problem = `The keys of the token issuer ${seen} cannot be read: ${reasonOf(error)}.`;
    const remedy =
      'Correct OIDC_ISSUER, which its discovery document names to the letter, or OIDC_JWKS_URL, and let this machine reach it (firewall, NODE_EXTRA_CA_CERTS).';
    return { part, seen, findings: [{ code: 'OIDC_KEYS_UNREADABLE', problem, remedy }] };
  }
}
