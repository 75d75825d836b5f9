import { type Agent, request } from 'node:http';

export interface Answer {
  /** From the call to the end of the answer, the wait for a connection among it. */
  ms: number;
  status: number;
  body: { data?: Record<string, { __typename?: string } | null>; errors?: { extensions: Record<string, unknown> }[] };
}

/** One POST over kept connections, and how long it took. `from`: the address that the proxy in front of the server names. */
export function timedPost(agent: Agent, url: string, body: object, from: string): Promise<Answer> {
  const text = JSON.stringify(body);
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    request(`${url}/graphql`, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'x-forwarded-for': from,
      },
    })
      .on('error', reject)
      .on('response', (response) => {
        let answer = '';
        response
          .setEncoding('utf8')
          .on('data', (part) => {
            answer += part;
          })
          .on('end', () =>
            resolve({ ms: performance.now() - startedAt, status: response.statusCode ?? 0, body: JSON.parse(answer) }),
          );
      })
      .end(text);
  });
}
