import { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../errors.ts';

/**
 * What goes in and out over HTTP. Bodies are JSON, and nothing that a foreign page can send without asking first (forms,
 * uploads). A subscription's answer is a stream of events, so its request must accept one.
 */
export function useMediaTypes(): Plugin {
  return {
    onRequestParse({ request }) {
      if (request.method !== 'POST' || isJson(request.headers.get('content-type'))) return;
      throw refusal(415, 'Send the operation as application/json.');
    },
    async onResultProcess({ request, result, setResult, resultProcessor, setResultProcessor }) {
      if (!isAsyncIterable(result)) {
        if (request.headers.get('accept')?.trim() === eventStream && !Array.isArray(result)) setResult(once(result));
        return;
      }
      if (resultProcessor !== undefined) return;
      // Nobody will read it: left alone it would follow its feed for ever.
      await result[Symbol.asyncIterator]().return?.();
      setResultProcessor((_result, { Response }) => notAcceptable(Response), 'application/json');
    },
  };
}

const eventStream = 'text/event-stream';

/** A stream always begins with 200: a browser's EventSource would not show what is in another one. */
async function* once<T>(result: T): AsyncGenerator<T> {
  yield result;
}

const isJson = (contentType: string | null): boolean =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';

function notAcceptable(Answer: typeof Response): Response {
  const { message, extensions } = refusal(406, 'A subscription is answered as text/event-stream, or over WebSocket.');
  const error = { message, extensions: { code: extensions.code } };
  return Answer.json({ errors: [error] }, { status: 406, headers: { accept: eventStream } });
}

function refusal(status: number, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' satisfies ErrorCode, http: { status } } });
}
