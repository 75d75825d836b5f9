import { type FieldNode, type OperationDefinitionNode, parse } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { find } from '../../src/demo/found.ts';
import { demoPassword } from '../../src/demo/people.ts';
import { seed } from '../../src/demo/seed.ts';
import { tour } from '../../src/demo/tour.ts';
import { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();

interface Tab {
  readonly document: string;
  readonly name: string;
  readonly operation: OperationDefinitionNode['operation'];
  readonly fields: readonly string[];
}

beforeAll(async () => {
  await seed(server.app);
});

/** As the page has them when somebody opens it. */
const openTabs = async (): Promise<Tab[]> => tour(await find(server.app.db)).map(tabOf);

function tabOf(document: string): Tab {
  const [operation] = parse(document).definitions.filter(({ kind }) => kind === 'OperationDefinition');
  if (operation?.kind !== 'OperationDefinition') throw new Error(`no operation in ${document}`);
  const fields = operation.selectionSet.selections.filter((node): node is FieldNode => node.kind === 'Field');
  return {
    document,
    name: operation.name?.value ?? '',
    operation: operation.operation,
    fields: fields.map(({ name }) => name.value),
  };
}

const payloadOf = (field: string): string => `${field.charAt(0).toUpperCase()}${field.slice(1)}Payload`;

/** Runs the tabs as the page does: whoever logged in last asks. Gives each one's answer, by name. */
async function walk(): Promise<Map<string, Record<string, unknown>>> {
  const answers = new Map<string, Record<string, unknown>>();
  let visitor = server.guest;
  for (const { document, name, operation, fields } of await openTabs()) {
    if (operation === 'subscription') continue;
    const answer = await visitor.ask(document);
    answers.set(name, answer);
    if (operation === 'query') continue;
    for (const field of fields) {
      expect({ tab: name, ...answer[field] }).toMatchObject({ tab: name, __typename: payloadOf(field) });
      const { tokens, user } = answer[field];
      if (tokens !== undefined)
        visitor = new Actor(server.url, { userId: user.id, username: user.username, ...tokens });
    }
  }
  return answers;
}

test('every tab is named, numbered in its order, and finds all that it is about', async () => {
  const tabs = await openTabs();
  expect(tabs.length).toBeGreaterThanOrEqual(10);
  expect(new Set(tabs.map(({ name }) => name)).size).toBe(tabs.length);
  for (const [index, { document }] of tabs.slice(0, -1).entries())
    expect(document).toMatch(new RegExp(`^# ${index + 1}\\. `));
  for (const { document } of tabs) {
    expect(document).not.toContain('an id from the tab');
    for (const line of document.split('\n').filter((text) => text.startsWith('#'))) expect(line).toMatch(/^.{1,50}$/);
  }
});

test('the tabs run from the first to the last against the demo data, and every mutation gives its payload', async () => {
  const answers = await walk();
  expect(answers.get('Events')).toMatchObject({
    live: { edges: [{ node: { title: 'Live: building a synthesizer' } }] },
    next: { edges: [{ node: { capacity: 2 } }, { node: { capacity: null } }] },
    over: { edges: [{ node: { title: 'Last week: the drum machine' } }] },
  });
  expect(answers.get('React')).toMatchObject({ vote: { poll: { status: 'OPEN', tally: { ballots: 4 } } } });
  expect(answers.get('Ask')).toMatchObject({ upvoteQuestion: { question: { viewerUpvoted: true } } });
  expect(answers.get('Wait')).toMatchObject({
    joinWaitlist: { videoEvent: { viewerWaitlistEntry: { status: 'WAITING', position: 2 } } },
  });
  expect(answers.get('Redeem')).toMatchObject({
    redeemPerk: {
      redemption: {
        status: 'UNFULFILLED',
        user: { rewards: { edges: kinds('SPENT', 'STAKED', 'EARNED', 'EARNED', 'GRANTED') } },
      },
    },
  });
  // A message and a vote, beside what she was given for being here early.
  expect(answers.get('Leaderboard')).toMatchObject({
    videoEvent: { leaderboard: { viewerEntry: { rank: 1, points: 315 } }, goals: { edges: [expect.anything()] } },
  });
  expect(answers.get('Predict')).toMatchObject({
    stakePoints: { prediction: { totals: { pot: 60 }, viewerStake: { points: 10 } } },
  });
  expect(answers.get('Moderate')).toMatchObject({
    liftSanction: { videoEvent: { reportedMessages: { edges: [{ node: { reportCount: 2 } }] } } },
  });
  expect(answers.get('Grant')).toMatchObject({
    grantRewards: {
      videoEvent: { redemptions: { edges: [{ node: { user: { username: 'cleo' } } }, expect.anything()] } },
    },
  });
  expect(answers.get('Analytics')).toMatchObject({ videoEvent: { analytics: { peakViewers: 3, messages: 6 } } });
});

const kinds = (...names: string[]) => names.map((kind) => ({ node: { kind } }));

test('the tour can be walked again, by others too', async () => {
  await expect(walk()).resolves.toBeDefined();
});

test('what the tour says and does is seen by whoever runs the tab Watch, and counted in Pulse', async () => {
  const tabs = await openTabs();
  const document = (name: string) => tabs.find((tab) => tab.name === name)?.document ?? '';
  const { live } = await find(server.app.db);
  const read = 'query($id: ID!) { videoEvent(id: $id) { feedCursor } }';
  const { feedCursor } = (await server.guest.ask(read, { id: live })).videoEvent;
  const watch = document('Watch').replace(`eventId: "${live}"`, `eventId: "${live}", after: "${feedCursor}"`);
  const ben = await logIn('ben');
  const feed = ben.subscribe(watch);
  const pulse = ben.subscribe(document('Pulse'));
  const { reactions } = await pulse.next();
  expect(reactions).toContainEqual({ emoji: '🔥', total: expect.any(Number) });
  await ben.ask(document('Chat'));
  const said = expect.objectContaining({ text: 'Hello from GraphiQL!', author: { displayName: 'Ben' } });
  await until(() => feed.items.some(({ __typename }) => __typename === 'MessageSent'), { what: 'what ben said' });
  expect(feed.items).toContainEqual(expect.objectContaining({ __typename: 'MessageSent', message: said }));
  await feed.close();
  await pulse.close();
});

async function logIn(login: string): Promise<Actor> {
  const { tokens } = await server.guest.mutate(
    'logIn',
    { login, password: demoPassword },
    'tokens { accessToken refreshToken sessionId }',
  );
  return new Actor(server.url, { userId: '', username: login, ...tokens });
}
