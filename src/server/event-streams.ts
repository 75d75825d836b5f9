import { ServerResponse } from 'node:http';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../errors.ts';

const eventStream = 'text/event-stream';

/**
 * Subscriptions over HTTP: their answer is a stream of events, so the request must accept one, and they end with the request.
 */
export function useEventStreams(): Plugin {
  return {
    async onResultProcess({ request, result, setResult, resultProcessor, setResultProcessor, serverContext }) {
      if (!isAsyncIterable(result)) {
        if (request.headers.get('accept')?.trim() === eventStream && !Array.isArray(result)) setResult(once(result));
        return;
      }
      const end = async () => void (await result[Symbol.asyncIterator]().return?.());
      if (resultProcessor === undefined) {
        // Nobody will read it: left alone it would follow its feed for ever.
        await end();
        setResultProcessor((_result, { Response }) => notAcceptable(Response), 'application/json');
        return;
      }
      // Yoga ends what it streams; what was not yet streamed when the client left, it forgets.
      const response = responseOf(serverContext);
      if (response?.closed) await end();
      else response?.once('close', end);
    },
  };
}

/** A stream always begins with 200: a browser's EventSource would not show what is in another one. */
async function* once<T>(result: T): AsyncGenerator<T> {
  yield result;
}

/** Node's response, which Yoga adds to the context of a request that came through Node's server. */
function responseOf(serverContext: object): ServerResponse | null {
  return 'res' in serverContext && serverContext.res instanceof ServerResponse ? serverContext.res : null;
}

function notAcceptable(Answer: typeof Response): Response {
  const message = 'A subscription is answered as text/event-stream, or over WebSocket.';
  const errors = [{ message, extensions: { code: 'BAD_REQUEST' satisfies ErrorCode } }];
  return Answer.json({ errors }, { status: 406, headers: { accept: eventStream } });
}
