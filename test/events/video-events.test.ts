import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
let other: Actor;
let moderator: Actor;
const day = (number: number): string => `2030-01-0${number}T12:00:00.000Z`;

beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  other = await server.signUp({ role: 'HOST' });
  moderator = await server.signUp();
  // Two at the same instant: their order is by id, and paging does not lose one.
  await createEvent(host, 'SCHEDULED', { title: '50% off_air', scheduledAt: day(2) });
  await createEvent(host, 'LIVE', { title: 'Jazz night', description: 'with a TRIO', scheduledAt: day(1) });
  await createEvent(host, 'ENDED', { title: 'Jazz brunch', scheduledAt: day(3) });
  await createEvent(other, 'SCHEDULED', { title: 'Chess', scheduledAt: day(2) });
  const draft = await createEvent(other, 'DRAFT', { title: 'Draft', scheduledAt: day(4) });
  await other.mutate('appointModerator', { eventId: draft, userId: moderator.id });
});

interface Page {
  totalCount: number;
  feedCursor: string;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string; startCursor: string };
  edges: { cursor: string; node: { title: string } }[];
}

async function page(actor: Actor, args = ''): Promise<Page> {
  const { videoEvents } = await actor.ask(`{ videoEvents${args} { totalCount feedCursor
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { title } } } }`);
  return videoEvents;
}
const titles = ({ edges }: Page): string[] => edges.map(({ node }) => node.title);

describe('videoEvents', () => {
  test('lists what is public by the time it is planned for, either way', async () => {
    const all = await page(server.guest);
    expect(titles(all)).toEqual(['Jazz night', '50% off_air', 'Chess', 'Jazz brunch']);
    expect(all.totalCount).toBe(4);
    expect(titles(await page(server.guest, '(sort: DESC)'))).toEqual(titles(all).reverse());
  });

  test.each([
    ['(filter: { status: [LIVE, ENDED] })', ['Jazz night', 'Jazz brunch']],
    ['(filter: { status: [] })', []],
    [`(filter: { from: "${day(2)}", to: "${day(3)}" })`, ['50% off_air', 'Chess']],
    ['(filter: { text: "jAZZ" })', ['Jazz night', 'Jazz brunch']],
    ['(filter: { text: "trio" })', ['Jazz night']],
    ['(filter: { text: "50%" })', ['50% off_air']],
    ['(filter: { text: "%" })', ['50% off_air']],
    ['(filter: { text: "_" })', ['50% off_air']],
    ['(filter: { text: "\\\\" })', []],
    ['(filter: { text: "jazz", status: [ENDED] })', ['Jazz brunch']],
    ['(filter: { mine: false })', ['Jazz night', '50% off_air', 'Chess', 'Jazz brunch']],
  ])('%s', async (args, expected) => {
    const found = await page(server.guest, args);
    expect(titles(found)).toEqual(expected);
    expect(found.totalCount).toBe(expected.length);
  });

  test("a host's, and one's own with drafts", async () => {
    expect(titles(await page(server.guest, `(filter: { hostId: "${other.id}" })`))).toEqual(['Chess']);
    expect(titles(await page(other, '(filter: { mine: true })'))).toEqual(['Chess', 'Draft']);
    expect(titles(await page(moderator, '(filter: { mine: true })'))).toEqual(['Draft']);
    expect(await server.guest.refusal('{ videoEvents(filter: { mine: true }) { totalCount } }')).toBe(
      'UNAUTHENTICATED',
    );
  });

  test('pages forwards and backwards without loss', async () => {
    const first = await page(server.guest, '(first: 2)');
    expect(titles(first)).toEqual(['Jazz night', '50% off_air']);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await page(server.guest, `(first: 2, after: "${first.pageInfo.endCursor}")`);
    expect(titles(second)).toEqual(['Chess', 'Jazz brunch']);
    expect(second.pageInfo.hasNextPage).toBe(false);
    const back = await page(server.guest, `(last: 2, before: "${second.pageInfo.startCursor}")`);
    expect(titles(back)).toEqual(titles(first));
  });

  test.each([
    '(first: -1)',
    '(after: "nonsense")',
    '(after: "R1BDOlM6bm9uc2Vuc2U=")',
    `(filter: { text: "${'x'.repeat(101)}" })`,
  ])('refuses %s with a code', async (args) => {
    const code = await server.guest.refusal(`{ videoEvents${args} { edges { node { id } } } }`);
    expect(['BAD_REQUEST', 'INVALID_INPUT', 'LIMIT_EXCEEDED']).toContain(code);
  });

  test('feedCursor is where the schedule stood: nothing announced since is missed', async () => {
    const { feedCursor } = await page(server.guest, '(first: 1)');
    const eventId = await createEvent(host, 'SCHEDULED', { title: 'Just in' });
    const stream = server.guest.subscribe(
      `subscription($after: String) { scheduleFeed(after: $after) { __typename
        ... on VideoEventAnnounced { event { eventId title } } } }`,
      { after: feedCursor },
    );
    expect(await stream.next()).toEqual({ __typename: 'VideoEventAnnounced', event: { eventId, title: 'Just in' } });
    await stream.close();
    await host.mutate('cancelVideoEvent', { eventId });
    await host.mutate('deleteVideoEvent', { eventId });
  });
});
