import type { Move } from '../../src/events/rules.ts';
import type { EventVisibility } from '../../src/generated/prisma/enums.ts';
import { encodeGlobalId } from '../../src/global-id.ts';
import type { EventStatus } from '../actor.ts';
import type { TestServer } from '../harness.ts';
import { type Cast, castOf, roles } from './cast.ts';
import { createPeople, type Person } from './people.ts';

/** The event's visibility and status. */
export type Scene = `${EventVisibility} ${EventStatus}`;

/** An event of the host's in some scene, and everybody who may ask. */
export interface Stage extends Cast {
  eventId: string;
  /** Where the event's feed began. */
  cursor: string;
  /** Global ids; none of these exists in a draft. `messageId` is the author's, pinned, and reported by the participant, `ownMessageId` the participant's, a reply. */
  messageId: string;
  ownMessageId: string;
  removedMessageId: string;
  /** The author's, anonymous and open; the participant's, answered and pinned; and one of theirs that waits for approval. */
  questionId: string;
  ownQuestionId: string;
  pendingQuestionId: string;
  /** The place of `messageId` in the moderators' queue. */
  reportedMessageId: string;
  /** The place of the viewer who is a participant, and their joining. */
  participantId: string;
  engagementId: string;
  /** An open poll, which the participant voted in and which takes changes, and one of its choices. It is closed once the event is over. */
  pollId: string;
  choiceId: string;
  draftPollId: string;
  /** An open prediction, which the participant staked on, and one of its outcomes. It is locked once the event is over. */
  predictionId: string;
  outcomeId: string;
  /** A goal of the host's, none of whose levels is reached. It is closed once the event is over. */
  goalId: string;
  /** Points that the host gave the participant, and the wallet they are in. */
  rewardId: string;
  walletId: string;
  /** The host's, and the participant took one. */
  perkId: string;
  redemptionId: string;
  /** The host's, of the event: it pays for what nobody here does. */
  rewardRuleId: string;
  /** The ban of the banned one, and its line in the moderation log. */
  sanctionId: string;
  actionId: string;
}

const afterScheduling: Record<EventStatus, Move[]> = {
  DRAFT: [],
  SCHEDULED: [],
  LIVE: ['start'],
  INTERRUPTED: ['start', 'interrupt'],
  ENDED: ['start', 'end'],
  CANCELLED: ['cancel'],
};

/**
 * New people and a new event, through the capabilities that the API calls. Participant and author are invited, and hold places
 * in all but a draft, the participant after having waited for it; the banned one lost theirs. Somebody else was offered a seat.
 */
export async function setStage(server: TestServer, scene: Scene): Promise<Stage> {
  const [visibility, status] = scene.split(' ') as [EventVisibility, EventStatus];
  const { events, moderation, reactions } = server.app.capabilities;
  const people = await createPeople(server, roles);
  const { author } = people;
  const host = people.host.viewer;
  const { eventId } = await events.create(host, {
    title: 'A show',
    description: 'To be seen.',
    scheduledAt: new Date(Date.now() + 3_600_000),
    streamUrl: 'https://stream.example.test/live.m3u8',
    coverImageUrl: 'https://pictures.example.test/show.png',
    capacity: 100,
    visibility,
    questionsPreModerated: true,
  });
  const { feedCursor } = await events.getWithCursor(host, eventId, {});
  await moderation.appoint(host, { eventId, userId: people.moderator.viewer.id });
  const userIds = [people.participant.viewer.id, author.viewer.id, people.banned.viewer.id];
  await events.invite(host, { eventId, userIds });
  const taken = status === 'DRAFT' ? nothing : await open(server, eventId, people);
  const sanctionId = await moderation.ban(host, { eventId, userId: people.banned.viewer.id, reason: 'spam' });
  const action = await server.app.db.moderationAction.findFirstOrThrow({ where: { eventId, kind: 'USER_BANNED' } });
  for (const move of afterScheduling[status]) {
    await events.move(host, eventId, move);
    // What is told of it before the end is told once: nothing is written later.
    if (move === 'start' && status === 'ENDED') await reactions.react(author.viewer, { eventId, emoji: '👏' });
  }
  return {
    ...castOf(server, people),
    eventId: encodeGlobalId('VideoEvent', eventId),
    cursor: feedCursor,
    sanctionId: encodeGlobalId('Sanction', sanctionId),
    actionId: encodeGlobalId('ModerationAction', action.id),
    ...taken,
  };
}

const nothing = {
  messageId: '',
  ownMessageId: '',
  removedMessageId: '',
  questionId: '',
  ownQuestionId: '',
  pendingQuestionId: '',
  reportedMessageId: '',
  participantId: '',
  engagementId: '',
  pollId: '',
  choiceId: '',
  draftPollId: '',
  predictionId: '',
  outcomeId: '',
  goalId: '',
  rewardId: '',
  walletId: '',
  perkId: '',
  redemptionId: '',
  rewardRuleId: '',
};

type Speakers = Record<'host' | 'participant' | 'author' | 'banned' | 'waiting', Person>;

/** Publishes the event, seats its participants and lets them talk. */
async function open(server: TestServer, eventId: string, cast: Speakers): Promise<typeof nothing> {
  const { host, participant, author, banned, waiting } = cast;
  const { events, participation, chat, reports, rewards, goals } = server.app.capabilities;
  await events.move(host.viewer, eventId, 'schedule');
  const { participantId } = await participation.join(participant.viewer, { eventId });
  await participation.join(author.viewer, { eventId });
  await participation.join(banned.viewer, { eventId });
  await offerSeats(server, eventId, { ACCEPTED: participant, OFFERED: waiting });
  const { messageId } = await chat.send(author.viewer, { eventId, text: 'Hello' });
  const reply = await chat.send(participant.viewer, { eventId, text: 'Hello to you', replyToId: messageId });
  const removed = await chat.send(author.viewer, { eventId, text: 'Not to be said' });
  await chat.remove(author.viewer, removed.messageId);
  await chat.pin(host.viewer, messageId);
  await reports.report(participant.viewer, { messageId, reason: 'rude' });
  const asked = await askAll(server, eventId, cast);
  const userId = participant.viewer.id;
  const { rewardId } = await rewards.grant(host.viewer, { eventId, userId, points: 13, reason: 'well said' });
  const { perkId } = await rewards.createPerk(host.viewer, { title: 'A song', cost: 10 });
  const { redemptionId } = await rewards.redeem(participant.viewer, { eventId, perkId });
  const { ruleId } = await rewards.createRule(host.viewer, {
    eventId,
    title: 'A quiz won',
    trigger: 'CUSTOM',
    engagementType: 'quiz.won',
    points: 5,
  });
  const { walletId } = await server.app.db.reward.findUniqueOrThrow({ where: { id: rewardId } });
  const levels = [{ target: 1_000_000, points: 10 }];
  const { goalId } = await goals.create(host.viewer, { eventId, title: 'Applause', metric: 'REACTIONS', levels });
  const joining = await server.app.db.engagementLog.findFirstOrThrow({
    where: { participantId, engagementType: 'JOIN' },
    select: { id: true },
  });
  return {
    messageId: encodeGlobalId('Message', messageId),
    ownMessageId: encodeGlobalId('Message', reply.messageId),
    removedMessageId: encodeGlobalId('Message', removed.messageId),
    ...asked,
    reportedMessageId: encodeGlobalId('ReportedMessage', messageId),
    participantId: encodeGlobalId('Participant', participantId),
    engagementId: encodeGlobalId('EngagementLog', joining.id),
    ...(await askThem(server, eventId, cast)),
    ...(await predict(server, eventId, cast)),
    goalId: encodeGlobalId('Goal', goalId),
    rewardId: encodeGlobalId('Reward', rewardId),
    walletId: encodeGlobalId('Wallet', walletId),
    perkId: encodeGlobalId('Perk', perkId),
    redemptionId: encodeGlobalId('Redemption', redemptionId),
    rewardRuleId: encodeGlobalId('RewardRule', ruleId),
  };
}

async function askThem(server: TestServer, eventId: string, { host, participant }: Speakers) {
  const { app } = server;
  const { polls } = app.capabilities;
  const poll = { eventId, title: 'Which song?', choices: ['Blue', 'Green'], durationSeconds: 3600 };
  const draft = await polls.create(host.viewer, poll);
  const { pollId } = await polls.create(host.viewer, { ...poll, changeable: true });
  await polls.open(host.viewer, pollId);
  const choice = await app.db.pollChoice.findFirstOrThrow({ where: { pollId, position: 0 } });
  await polls.vote(participant.viewer, { pollId, choiceIds: [choice.id] });
  return {
    pollId: encodeGlobalId('Poll', pollId),
    choiceId: encodeGlobalId('PollChoice', choice.id),
    draftPollId: encodeGlobalId('Poll', draft.pollId),
  };
}

async function predict({ app }: TestServer, eventId: string, { host, participant }: Speakers) {
  const { predictions } = app.capabilities;
  const prediction = { eventId, title: 'Who wins?', outcomes: ['Red', 'Green'], durationSeconds: 3600 };
  const { predictionId } = await predictions.create(host.viewer, prediction);
  const outcome = await app.db.predictionOutcome.findFirstOrThrow({ where: { predictionId, position: 0 } });
  await predictions.stake(participant.viewer, { predictionId, outcomeId: outcome.id, points: 1 });
  return {
    predictionId: encodeGlobalId('Prediction', predictionId),
    outcomeId: encodeGlobalId('PredictionOutcome', outcome.id),
  };
}

async function askAll(server: TestServer, eventId: string, { host, participant, author }: Speakers) {
  const { questions } = server.app.capabilities;
  const questionId = await questions.ask(author.viewer, { eventId, text: 'Who am I?', anonymous: true });
  const ownQuestionId = await questions.ask(participant.viewer, { eventId, text: 'Why?' });
  const pendingQuestionId = await questions.ask(participant.viewer, { eventId, text: 'May I?' });
  for (const id of [questionId, ownQuestionId]) await questions.approve(host.viewer, id);
  await questions.answer(host.viewer, { questionId: ownQuestionId, answer: 'Because.' });
  await questions.pin(host.viewer, ownQuestionId);
  return {
    questionId: encodeGlobalId('Question', questionId),
    ownQuestionId: encodeGlobalId('Question', ownQuestionId),
    pendingQuestionId: encodeGlobalId('Question', pendingQuestionId),
  };
}

/** As if the event had been full once. */
async function offerSeats(
  { app: { db } }: TestServer,
  eventId: string,
  offers: Record<'ACCEPTED' | 'OFFERED', Person>,
): Promise<void> {
  const offeredUntil = new Date(Date.now() + 600_000);
  for (const status of ['ACCEPTED', 'OFFERED'] as const) {
    await db.waitlistEntry.create({ data: { eventId, userId: offers[status].viewer.id, status, offeredUntil } });
  }
  await db.videoEvent.update({ where: { id: eventId }, data: { seatsOffered: 1 } });
}
