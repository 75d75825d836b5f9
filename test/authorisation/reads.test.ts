import { isInterfaceType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSchema } from '../../src/schema.ts';
import { type Answer, transports } from '../api/transports.ts';
import { useServer } from '../harness.ts';
import { nodes, queries, type ReadRow, type SubscriptionRow, subscriptions } from './read-table.ts';
import { type Scene, type Stage, setStage } from './stage.ts';
import { allVerdicts, missingRows, observe, type Verdicts, type Viewer } from './viewers.ts';

const server = useServer();
const schema = createSchema();
const file = 'test/authorisation/read-table.ts';

/** Reading changes nothing, so all who read share a stage. */
const stages = new Map<Scene, Promise<Stage>>();
function stageOf(scene: Scene): Promise<Stage> {
  const stage = stages.get(scene) ?? setStage(server, scene);
  stages.set(scene, stage);
  return stage;
}

const perScene = <Row extends { verdicts: Readonly<Partial<Record<Scene, Verdicts>>> }>(rows: Record<string, Row>) =>
  Object.entries(rows).flatMap(([row, content]) =>
    Object.entries(content.verdicts).map(([scene, expected]) => ({ row, scene: scene as Scene, content, expected })),
  );

async function look({ field, selection, about }: ReadRow, stage: Stage, viewer: Viewer): Promise<string> {
  const me = stage.as[viewer];
  const id = about({ ...stage, viewer, me });
  const declared = [['$id', '$id: ID!'] as const, ['$name', '$name: String!'] as const]
    .filter(([name]) => field.includes(name))
    .map(([, declaration]) => declaration);
  const { data, errors } = await me.post(
    `query${declared.length > 0 ? `(${declared.join(', ')})` : ''} { found: ${field} ${selection} }`,
    { id, name: stage.as.host.signedIn.username },
  );
  if (errors !== undefined) return String(errors[0]?.extensions?.code);
  return JSON.stringify(data.found).includes(id) ? 'value' : 'nothing';
}

describe.each([
  { what: 'query', rows: queries, inSchema: Object.keys(schema.getQueryType()?.getFields() ?? {}) },
  { what: 'node type', rows: nodes, inSchema: nodeTypes() },
])('$what', ({ what, rows, inSchema }) => {
  test('each has a row in the table', () => {
    expect(missingRows(what, inSchema, Object.keys(rows), file)).toEqual([]);
  });

  test.each(perScene(rows))('$row, of an event that is $scene', async ({ row, scene, content, expected }) => {
    const stage = await stageOf(scene);
    // A node of a draft is looked for only where there is one.
    expect(content.about({ ...stage, viewer: 'host', me: stage.as.host })).not.toBe('');
    expect(await observe((viewer) => look(content, stage, viewer))).toEqual(allVerdicts(row, expected));
  });
});

function nodeTypes(): string[] {
  const node = schema.getType('Node');
  return isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];
}

describe('subscription', () => {
  test('each has a row in the table', () => {
    const inSchema = Object.keys(schema.getSubscriptionType()?.getFields() ?? {});
    expect(missingRows('subscription', inSchema, Object.keys(subscriptions), file)).toEqual([]);
  });

  async function follow(transport: string, { field }: SubscriptionRow, stage: Stage, viewer: Viewer): Promise<string> {
    const own = field.includes('$id');
    const continued = field.includes('$after');
    const declared = [...(continued ? ['$after: String'] : []), ...(own ? ['$id: ID!'] : [])].join(', ');
    const send = transports[transport];
    if (send === undefined) throw new Error(`no transport ${transport}`);
    const answer: Answer = await send(server.url, {
      query: `subscription(${declared}) { item: ${field} { __typename } }`,
      // Of another feed it is no place to continue from: that is an item, too.
      variables: { ...(continued ? { after: stage.cursor } : {}), ...(own ? { id: stage.eventId } : {}) },
      token: stage.as[viewer].session?.accessToken,
    });
    if (answer.errors !== undefined) return String(answer.errors[0]?.extensions?.code);
    return answer.data?.item == null ? 'nothing' : 'live';
  }

  describe.each(['WebSocket', 'SSE'])('over %s', (transport) => {
    test.each(perScene(subscriptions))(
      '$row, of an event that is $scene',
      async ({ row, scene, content, expected }) => {
        const stage = await stageOf(scene);
        const observed = await observe((viewer) => follow(transport, content, stage, viewer));
        expect(observed).toEqual(allVerdicts(row, expected));
      },
    );
  });
});
