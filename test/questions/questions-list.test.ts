import { describe, expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { setScene } from './scene.ts';

const server = useServer();
const document = `query($id: ID!, $status: [QuestionStatus!], $orderBy: QuestionOrder! = VOTES, $first: Int, $last: Int,
  $after: String, $before: String) { videoEvent(id: $id) {
  questions(status: $status, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
    totalCount edges { cursor node { text votes } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;

const page = async (reader: Actor, id: string, args: object = {}) =>
  (await reader.ask(document, { id, ...args })).videoEvent.questions;
const texts = ({ edges }: { edges: { node: { text: string } }[] }) => edges.map(({ node }) => node.text);

/** Five questions: c with two votes, a and e with one each, b and d with none. */
async function five() {
  const scene = await setScene(server);
  const { ask, author, other, host } = scene;
  const ids: Record<string, string> = {};
  for (const text of ['a', 'b', 'c', 'd', 'e']) ids[text] = await ask(text);
  for (const [voter, text] of [
    [author, 'c'],
    [other, 'c'],
    [other, 'e'],
    [host, 'a'],
  ] as const)
    await voter.mutate('upvoteQuestion', { questionId: ids[text] });
  return { ...scene, ids };
}

describe('VideoEvent.questions', () => {
  test('most votes first, of equally many the earliest; or the latest first', async () => {
    const { other, eventId } = await five();
    expect(texts(await page(other, eventId))).toEqual(['c', 'a', 'e', 'b', 'd']);
    expect(texts(await page(other, eventId, { orderBy: 'TIME' }))).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(texts(await page(other, eventId, { last: 2 }))).toEqual(['b', 'd']);
  });

  test.each(['VOTES', 'TIME'])(
    'by %s, paging forwards and backwards gives the same, without gap or repetition',
    async (orderBy) => {
      const { other, eventId } = await five();
      const all = texts(await page(other, eventId, { orderBy }));
      const forwards: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { edges, pageInfo } = await page(other, eventId, { orderBy, first: 2, after });
        forwards.push(...texts({ edges }));
        after = pageInfo.endCursor;
        more = pageInfo.hasNextPage;
      }
      const backwards: string[] = [];
      for (let before: string | null = null, more = true; more; ) {
        const { edges, pageInfo } = await page(other, eventId, { orderBy, last: 2, before });
        backwards.unshift(...texts({ edges }));
        before = pageInfo.startCursor;
        more = pageInfo.hasPreviousPage;
      }
      expect(forwards).toEqual(all);
      expect(backwards).toEqual(all);
    },
  );

  test('a cursor keeps its place when its question moves, is answered or goes', async () => {
    const { other, author, host, eventId, ids } = await five();
    const { pageInfo } = await page(other, eventId, { first: 2 });
    await other.mutate('upvoteQuestion', { questionId: ids.a });
    await author.mutate('upvoteQuestion', { questionId: ids.a });
    expect(texts(await page(other, eventId, { after: pageInfo.endCursor }))).toEqual(['e', 'b', 'd']);
    await host.mutate('dismissQuestion', { questionId: ids.a });
    expect(texts(await page(other, eventId, { after: pageInfo.endCursor }))).toEqual(['e', 'b', 'd']);
  });

  test('a cursor of the other order, and what is none, are refused', async () => {
    const { other, eventId } = await five();
    const { pageInfo } = await page(other, eventId, { first: 1, orderBy: 'TIME' });
    for (const after of [pageInfo.endCursor, 'nonsense', Buffer.from('question:VOTES:x').toString('base64url')])
      expect(await other.refusal(document, { id: eventId, after })).toBe('INVALID_INPUT');
  });

  test('narrowed to statuses, with the total of what the viewer may see', async () => {
    const { other, author, host, eventId, ids } = await five();
    await host.mutate('answerQuestion', { questionId: ids.b });
    await host.mutate('dismissQuestion', { questionId: ids.d });
    await author.mutate('withdrawQuestion', { questionId: ids.e });
    const seen = async (reader: Actor, status: string[] | null) => {
      const { totalCount, edges } = await page(reader, eventId, { status, first: 1 });
      return [totalCount, texts({ edges })];
    };
    expect(await seen(other, null)).toEqual([3, ['c']]);
    expect(await seen(server.guest, ['ANSWERED'])).toEqual([1, ['b']]);
    expect(await seen(other, ['DISMISSED', 'WITHDRAWN'])).toEqual([0, []]);
    expect(await seen(host, ['DISMISSED', 'WITHDRAWN'])).toEqual([2, [null]]);
    expect(await seen(author, null)).toEqual([5, ['c']]);
    expect(await seen(other, [])).toEqual([0, []]);
  });
});
