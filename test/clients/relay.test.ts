import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

const relayModule = `
const {graphql} = require('relay-runtime');
module.exports = {
  list: graphql\`
    query ShowListQuery($count: Int!, $cursor: String) { ...ShowList_events @arguments(count: $count, cursor: $cursor) }
  \`,
  page: graphql\`
    fragment ShowList_events on Query
    @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
    @refetchable(queryName: "ShowListPageQuery") {
      videoEvents(first: $count, after: $cursor) @connection(key: "ShowList_videoEvents") {
        edges { node { id title host { displayName } } }
      }
    }
  \`,
  message: graphql\`
    fragment ShowMessage on Message @refetchable(queryName: "ShowMessageQuery") { text author { username } }
  \`,
  send: graphql\`
    mutation ShowSendMutation($input: SendMessageInput!) {
      sendMessage(input: $input) {
        __typename
        ... on SendMessagePayload { sentMessage { id ...ShowMessage } }
        ... on Error { code message }
      }
    }
  \`,
  feed: graphql\`
    subscription ShowFeedSubscription($eventId: ID!, $after: String) {
      videoEventFeed(eventId: $eventId, after: $after) {
        __typename
        ... on FeedItem { cursor sequence }
        ... on MessageSent { message { id ...ShowMessage } }
      }
    }
  \`,
};
`;

test("Relay's compiler takes the schema", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ovation-relay-'));
  try {
    await mkdir(join(directory, 'src'));
    await cp(join(root, 'schema.graphql'), join(directory, 'schema.graphql'));
    await writeFile(join(directory, 'src/Show.js'), relayModule);
    const config = { src: './src', schema: './schema.graphql', language: 'javascript' };
    await writeFile(join(directory, 'relay.config.json'), JSON.stringify(config));
    const compiler = join(root, 'node_modules/relay-compiler/cli.js');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [compiler, 'relay.config.json'], {
      cwd: directory,
    });
    expect(`${stdout}${stderr}`).toMatch(/compiled documents: .* reader|Done/i);
    await readFile(join(directory, 'src/__generated__/ShowListPageQuery.graphql.js'), 'utf8');
  } finally {
    await rm(directory, { recursive: true });
  }
});
