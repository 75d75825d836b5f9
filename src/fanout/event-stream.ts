import type { LiveOperation } from './live-operation.ts';
import type { OnWrite, Rendered } from './rendered.ts';

/** How often a comment goes out, so that nothing on the way takes the connection for dead, in ms. */
const pingEvery = 12_000;

const ping = Buffer.from(':\n\n');
const complete = Buffer.from('event: complete\ndata:\n\n');

/** A live operation over server-sent events (graphql-sse, distinct connections). It is read no faster than the client reads. */
export function eventStream(
  operation: LiveOperation,
  { Response, ReadableStream }: Pick<typeof globalThis, 'Response' | 'ReadableStream'>,
  onWrite: OnWrite = () => {},
): Response {
  let pings: NodeJS.Timeout;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // At once: some browsers do not look at the response before there is something in it.
      controller.enqueue(ping);
      pings = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ping);
      }, pingEvery);
    },
    async pull(controller) {
      const results = await ready(operation);
      if (results.length > 0) {
        controller.enqueue(Buffer.concat(results.map(({ event }) => event)));
        onWrite(results, operation.since);
      }
      if (!operation.over) return;
      clearInterval(pings);
      controller.enqueue(complete);
      controller.close();
    },
    async cancel() {
      clearInterval(pings);
      await operation.return();
    },
  });
  return new Response(body, {
    status: 200,
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      connection: 'keep-alive',
      'content-encoding': 'none',
    },
  });
}

/** What there is to send; waits for it. None: the operation is over. */
function ready(operation: LiveOperation): Promise<Rendered[]> {
  return new Promise((resolve) => {
    const look = (): void => {
      const results = operation.take();
      if (results.length === 0 && !operation.over) return;
      operation.listen(() => {});
      resolve(results);
    };
    operation.listen(look);
    look();
  });
}
