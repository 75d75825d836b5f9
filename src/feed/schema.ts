import { ImplementableObjectRef } from '@pothos/core';
import { type BuilderTypes, builder } from '../builder.ts';
import { encodeCursor } from './cursor.ts';
import type { Entry, Fact, Payload } from './entry.ts';
import './errors-schema.ts';
import type { FeedItem, ResetReason } from './subscriber.ts';

/** An item on its way to a client: an entry or a reset. */
export type DeliveredItem = Exclude<FeedItem, { type: 'end' }>;
export type DeliveredEntry<P extends Payload> = { type: 'entry'; entry: Entry<P>; epoch: string };

/** The cursor just after an item. */
const cursorOf = (item: DeliveredItem): string =>
  encodeCursor(item.type === 'entry' ? { ...item.entry, epoch: item.epoch } : item);

/** The item, for a subscription's `resolve`: the server's reason to end it becomes the last result's error. */
export function delivered(item: FeedItem): DeliveredItem {
  if (item.type === 'end') throw item.error;
  return item;
}

export const FeedItemType = builder.interfaceRef<DeliveredItem>('FeedItem').implement({
  description:
    'One item of a feed. Facts are in the past tense, complete in themselves, and arrive in the order of `sequence`.',
  fields: (t) => ({
    cursor: t.string({
      description: 'Subscribe with `after: cursor` to continue behind this item.',
      resolve: cursorOf,
    }),
    sequence: t.int({
      description:
        "Place in the feed: 1 for the first entry, growing by commit. Entries for other people's eyes leave gaps; a FeedReset carries the place it continues from.",
      resolve: (item) => (item.type === 'entry' ? item.entry.sequence : item.sequence),
    }),
    occurredAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: "When it happened, by the database's clock. Null for a FeedReset.",
      resolve: (item) => (item.type === 'entry' ? new Date(item.entry.occurredAt) : null),
    }),
    streamOffset: t.int({
      nullable: true,
      description:
        'Milliseconds since the event first went live: aligns a replay with the recording. Null before, and outside events.',
      resolve: (item) => (item.type === 'entry' ? item.entry.streamOffset : null),
    }),
  }),
});

const resetReasons: Record<ResetReason, { description: string }> = {
  MALFORMED_CURSOR: { description: 'The cursor is none of this server.' },
  FOREIGN_CURSOR: { description: 'The cursor belongs to another feed, or to a place this feed has not reached.' },
  OLD_EPOCH: { description: 'The feed was restored or replaced since the cursor was given.' },
  EXPIRED: { description: 'The entries behind the cursor are no longer kept.' },
};
const ResetReasonType = builder.enumType('FeedResetReason', {
  description: 'Why a feed does not continue where it was asked to.',
  values: resetReasons,
});

const resetRef = new ImplementableObjectRef<BuilderTypes, DeliveredItem, Extract<FeedItem, { type: 'reset' }>>(
  builder,
  'FeedReset',
);
export const FeedReset = resetRef.implement({
  description:
    'The feed does not continue where it was asked to: items may have been missed. Fetch what you show anew; the feed goes on from `cursor`.',
  interfaces: [FeedItemType],
  isTypeOf: (item) => isItem(item) && item.type === 'reset',
  fields: (t) => ({ reason: t.field({ type: ResetReasonType, description: 'Why.', resolve: ({ reason }) => reason }) }),
});

function isItem(value: unknown): value is DeliveredItem {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/**
 * The GraphQL type of a fact; its fields read the payload. Types reachable from here must not depend on the viewer: one
 * execution serves every subscriber of a group.
 */
export function factRef<Kind extends string, P extends Payload>(fact: Fact<Kind, P>) {
  return new ImplementableObjectRef<BuilderTypes, DeliveredItem, DeliveredEntry<P>>(builder, fact.kind);
}

/** What a fact's type has beside its own fields: `...factType(messageSent)`. */
export const factType = <Kind extends string, P extends Payload>(fact: Fact<Kind, P>) => ({
  interfaces: [FeedItemType],
  isTypeOf: (item: unknown) => isItem(item) && item.type === 'entry' && fact.is(item.entry),
});
