import { schemaText } from '../schema.ts';
import type { Command } from './command.ts';

export const printSchema: Command = {
  name: 'schema print',
  operands: [],
  summary: 'Prints the API in GraphQL’s schema language.',
  help: 'What schema.graphql of this version holds. It needs no configuration and asks no database.',
  async run({ print }) {
    print(schemaText().trimEnd());
    return 0;
  },
};
