import { expect } from 'vitest';
import type { Actor } from '../actor.ts';
import { everythingOf } from '../authorisation/everything.ts';
import type { Data } from '../data.ts';

export const everything = everythingOf('VideoEventFeedItem').slice(1, -1);

export interface Page {
  items: Data[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

const declared = '$id: ID!, $first: Int, $after: String, $from: Int, $to: Int, $kinds: [VideoEventFeedKind!]';
const field = 'feed(first: $first, after: $after, fromStreamOffset: $from, toStreamOffset: $to, kinds: $kinds)';
export const document = (selection: string) =>
  `query(${declared}) { videoEvent(id: $id) { ${field} { items { ${selection} } pageInfo { hasNextPage endCursor } } } }`;

export interface Asked {
  first?: number;
  after?: string;
  from?: number;
  to?: number;
  kinds?: string[];
}

export async function page(actor: Actor, id: string, asked: Asked = {}, selection = everything): Promise<Page> {
  return (await actor.ask(document(selection), { id, ...asked })).videoEvent.feed;
}

/** Every item of a stretch, in pages of `first`. */
export async function replay(actor: Actor, id: string, asked: Asked, selection = everything): Promise<Data[]> {
  const items: Data[] = [];
  for (let after = asked.after; ; ) {
    const { items: more, pageInfo } = await page(actor, id, { ...asked, after }, selection);
    expect(more.length).toBeLessThanOrEqual(asked.first ?? 100);
    items.push(...more);
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage) return items;
  }
}

export const refusal = async (actor: Actor, id: string, asked: Asked) => {
  const { data, errors } = await actor.post(document('__typename'), { id, ...asked });
  expect(data?.videoEvent?.feed ?? null).toBeNull();
  return errors?.[0]?.extensions;
};

export const sequences = (items: Data[]): number[] => items.map(({ sequence }) => sequence);
