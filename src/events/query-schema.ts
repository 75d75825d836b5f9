import { User } from '../accounts/user-schema.ts';
import { asksFor } from '../asked.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { NotFoundError } from '../errors.ts';
import type { EventFilter } from './input.ts';
import { EventStatusType } from './status-schema.ts';
import { loadVideoEvent, VideoEvent } from './video-event-schema.ts';

const VideoEventFilter = builder.inputType('VideoEventFilter', {
  description: 'Which events to list. What is not given does not narrow the list.',
  fields: (t) => ({
    status: t.field({ type: [EventStatusType], description: 'Only events in one of these.' }),
    from: t.field({ type: 'DateTime', description: 'Only events planned for this instant or later.' }),
    to: t.field({ type: 'DateTime', description: 'Only events planned before this instant.' }),
    hostId: t.globalID({ for: User, description: "Only this User's events." }),
    text: t.string({
      description: 'Only events whose title or description contains this, whatever the case; at most 100 characters.',
    }),
    mine: t.boolean({ description: 'True: only events the viewer hosts or moderates. Needs a session.' }),
  }),
});

const SortDirection = builder.enumType('SortDirection', {
  description: 'Which end of a list comes first.',
  values: { ASC: { description: 'The earliest first.' }, DESC: { description: 'The latest first.' } } as const,
});

type FilterInput = typeof VideoEventFilter.$inferInput;

const filterOf = (filter: FilterInput | null | undefined): EventFilter => ({
  ...filter,
  statuses: filter?.status,
  hostId: filter?.hostId?.id,
});

/** Per operation. The earliest reading serves all lists of an operation: a cursor may be older than its data, never younger. */
const scheduleCursors = new WeakMap<Context, Promise<string>>();

function scheduleCursor(context: Context): Promise<string> {
  const known = scheduleCursors.get(context);
  if (known !== undefined) return known;
  const reading = context.events.scheduleCursor();
  scheduleCursors.set(context, reading);
  return reading;
}

builder.queryField('videoEvent', (t) =>
  t.prismaField({
    type: VideoEvent,
    nullable: true,
    description: 'An event by id; null where there is none or the viewer may not see it.',
    args: { id: t.arg.globalID({ for: [VideoEvent], required: true, description: "The VideoEvent's global id." }) },
    resolve: (query, _root, { id }, context, info) =>
      loadVideoEvent(query, id.id, context, info).catch((error: unknown) => {
        if (error instanceof NotFoundError) return null;
        throw error;
      }),
  }),
);

builder.queryField('videoEvents', (t) =>
  t.prismaConnection(
    {
      type: VideoEvent,
      cursor: 'id',
      description:
        'Events by the time they are planned for. Guests and strangers get public ones; hosts, moderators, participants and the invited theirs, too.',
      args: {
        filter: t.arg({ type: VideoEventFilter, description: 'Which events. Default: all the viewer may find.' }),
        sort: t.arg({ type: SortDirection, defaultValue: 'ASC', description: 'By `scheduledAt`.' }),
      },
      resolve: async (query, _root, { filter, sort }, context, info) => {
        // Before the list: whoever follows the schedule from there misses nothing.
        if (asksFor(info, 'feedCursor')) await scheduleCursor(context);
        return context.events.list(context.viewer, { filter: filterOf(filter), newestFirst: sort === 'DESC', query });
      },
      totalCount: (_root, { filter }, { events, viewer }) => events.count(viewer, filterOf(filter)),
    },
    {
      description: 'A page of events.',
      fields: (f) => ({
        feedCursor: f.string({
          description:
            'Where the schedule stood, no later than this list: subscribe to `scheduleFeed` with `after` this and nothing is missed.',
          resolve: (_connection, _args, context) => scheduleCursor(context),
        }),
      }),
    },
    { description: 'An event and its place in the list.' },
  ),
);
