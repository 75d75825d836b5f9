import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../errors.ts';

/** Takes JSON and nothing else: no uploads, and no forms, which a foreign page could send without asking first. */
export function useJsonBodies(): Plugin {
  return {
    onRequestParse({ request }) {
      if (request.method !== 'POST' || isJson(request.headers.get('content-type'))) return;
      throw new GraphQLError('Send the operation as application/json.', {
        extensions: { code: 'BAD_REQUEST' satisfies ErrorCode, http: { status: 415 } },
      });
    },
  };
}

const isJson = (contentType: string | null): boolean =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
