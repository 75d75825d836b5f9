import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

interface Key {
  alg: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

/** An OpenID Connect provider for tests: a discovery document, a key set, and tokens as asked for. */
export class Issuer {
  /** Requests for the discovery document and for the key set. */
  readonly asked = { discovery: 0, keys: 0 };
  readonly audience = 'ovation-api';
  /** What it publishes, by key id. */
  readonly keys = new Map<string, Key>();
  #server: Server | null = null;
  #port = 0;

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await issuer.addKey('first', 'RS256');
    await issuer.comeBack();
    return issuer;
  }

  /** The `iss` of its tokens. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/realm`;
  }

  async addKey(kid: string, alg: string): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    this.keys.set(kid, { alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } });
  }

  /** A token of the key `kid`, which need not be published (any more). */
  async token(
    claims: JWTPayload & { sub: string },
    { kid = 'first', header = {}, key = this.keys.get(kid) }: { kid?: string; header?: object; key?: Key } = {},
  ): Promise<string> {
    if (key === undefined) throw new Error(`the issuer has no key ${kid}`);
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, aud: this.audience, iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: key.alg, kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
  }

  /** Listens (again), at the same place. */
  async comeBack(): Promise<void> {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/realm/.well-known/openid-configuration') {
        this.asked.discovery++;
        response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
      } else if (request.url === '/realm/keys') {
        this.asked.keys++;
        response.end(JSON.stringify({ keys: [...this.keys.values()].map(({ publicJwk }) => publicJwk) }));
      } else response.writeHead(404).end();
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#server = server;
  }

  /** Refuses every connection from now on. */
  async goAway(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
}
