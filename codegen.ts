import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * A typed client from schema.graphql: what a front end generates for itself. The tests use it. Documents are strings, so that
 * any client (fetch, graphql-ws, urql, Apollo) can send them.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/clients/operations.ts'],
  generates: {
    'test/generated/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        // Writes persisted-documents.json, the manifest for PERSISTED_OPERATIONS; each document knows its hash (`__meta__.hash`).
        persistedDocuments: { mode: 'embedHashInDocument', hashAlgorithm: 'sha256' },
      },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { DateTime: 'string', ID: 'string', SafeInt: 'number' },
      },
    },
  },
  importExtension: '.ts',
};

export default config;
