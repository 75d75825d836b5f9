import { builder } from '../builder.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { type PollSnapshot, pollArchived, pollClosed, pollOpened } from './entries.ts';
import { PollResultsType, PollStatusType } from './status-schema.ts';
import { PollTallyType } from './tally-schema.ts';

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

const PollChoiceSnapshot = builder.objectRef<PollSnapshot['choices'][number]>('PollChoiceSnapshot').implement({
  description: 'A choice as it was when a fact was stated; once the poll is open it does not change.',
  fields: (t) => ({
    choiceId: t.id({
      description: "The PollChoice's global id.",
      resolve: ({ choiceId }) => encodeGlobalId('PollChoice', choiceId),
    }),
    text: t.exposeString('text', { description: '1 to 80 characters.' }),
  }),
});

const PollSnapshotType = builder.objectRef<PollSnapshot>('PollSnapshot').implement({
  description: 'A poll as it was when a fact was stated. The fields mean what they mean on Poll.',
  fields: (t) => ({
    pollId: t.id({ description: "The Poll's global id.", resolve: ({ pollId }) => encodeGlobalId('Poll', pollId) }),
    title: t.exposeString('title', { description: 'The question, 1 to 120 characters.' }),
    status: t.expose('status', { type: PollStatusType, description: 'Where it stands.' }),
    choices: t.field({
      type: [PollChoiceSnapshot],
      description: 'What to choose from, in their order.',
      resolve: ({ choices }) => [...choices],
    }),
    maxChoices: t.exposeInt('maxChoices', { description: 'How many of them one ballot may have.' }),
    changeable: t.exposeBoolean('changeable', {
      description: 'Whether a ballot may be changed while the poll is open.',
    }),
    results: t.expose('results', { type: PollResultsType, description: 'When the audience sees the tally.' }),
    openedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was opened.',
      resolve: ({ openedAt }) => instant(openedAt),
    }),
    closesAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it closes by itself; null: when somebody closes it.',
      resolve: ({ closesAt }) => instant(closesAt),
    }),
    closedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed; null before.',
      resolve: ({ closedAt }) => instant(closedAt),
    }),
  }),
});

export const PollOpened = factRef(pollOpened).implement({
  ...factType(pollOpened),
  description: 'A poll was opened: participants may vote.',
  fields: (t) => ({
    poll: t.field({ type: PollSnapshotType, description: 'The poll.', resolve: ({ entry }) => entry.payload.poll }),
  }),
});

export const PollClosed = factRef(pollClosed).implement({
  ...factType(pollClosed),
  description:
    'A poll was closed, by somebody, by its time, or because the event is over: then just before that is told.',
  fields: (t) => ({
    poll: t.field({ type: PollSnapshotType, description: 'The poll.', resolve: ({ entry }) => entry.payload.poll }),
    tally: t.field({
      type: PollTallyType,
      description: 'The final tally. It counts every ballot there is.',
      resolve: ({ entry }) => entry.payload.tally,
    }),
  }),
});

export const PollArchived = factRef(pollArchived).implement({
  ...factType(pollArchived),
  description: 'A closed poll was put away: show it no longer.',
  fields: (t) => ({
    pollId: t.id({
      description: "The Poll's global id.",
      resolve: ({ entry }) => encodeGlobalId('Poll', entry.payload.pollId),
    }),
  }),
});
