import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSchema } from '../../src/schema.ts';

const schema = createSchema();

/**
 * Every object type that a feed's item may lead to. One execution serves all subscribers, so each of them must read the same
 * for everybody: facts, and what facts are made of. Nothing here resolves by way of the viewer or the database.
 */
const sameForEverybody = new Set([
  'ChatSettingsChanged',
  'FeedReset',
  'GoalClosed',
  'GoalLevelSnapshot',
  'GoalProgress',
  'GoalReached',
  'GoalSet',
  'GoalSnapshot',
  'LeaderboardEntry',
  'LiveLeaderboard',
  'Message',
  'MessagePinned',
  'MessageRemoved',
  'MessageReported',
  'MessageSent',
  'MessageUnpinned',
  'ModeratorAppointed',
  'ModeratorDismissed',
  'ParticipantJoined',
  'ParticipantLeft',
  'PollArchived',
  'PollChoiceSnapshot',
  'PollChoiceTally',
  'PollClosed',
  'PollOpened',
  'PollSnapshot',
  'PollTally',
  'PredictionCancelled',
  'PredictionLocked',
  'PredictionOpened',
  'PredictionOutcomeSnapshot',
  'PredictionOutcomeTotal',
  'PredictionResolved',
  'PredictionSnapshot',
  'PredictionTotals',
  'Profile',
  'ProfileDeleted',
  'QuestionAnswered',
  'QuestionApproved',
  'QuestionAsked',
  'QuestionDismissed',
  'QuestionPinned',
  'QuestionSnapshot',
  'QuestionTally',
  'QuestionUnpinned',
  'QuestionVotesChanged',
  'QuestionWithdrawn',
  'RankChanged',
  'ReactionCount',
  'ReactionTally',
  'ReactionsCounted',
  'ReportsResolved',
  'PerkRedeemed',
  'PointsChanged',
  'RedemptionCancelled',
  'RedemptionFulfilled',
  'RoleChanged',
  'SanctionImposed',
  'SanctionLifted',
  'SanctionTerms',
  'SeatOffered',
  'SessionRevoked',
  'UserInvited',
  'UserUninvited',
  'VideoEventAnnounced',
  'VideoEventCancelled',
  'VideoEventDeleted',
  'VideoEventEnded',
  'VideoEventInterrupted',
  'VideoEventPulse',
  'VideoEventReminded',
  'VideoEventResumed',
  'VideoEventScheduled',
  'VideoEventSnapshot',
  'VideoEventUpdated',
  'VideoEventWentLive',
  'VideoEventWithdrawn',
]);

function reachableFrom(roots: readonly GraphQLNamedType[]): Set<GraphQLObjectType> {
  const found = new Set<GraphQLObjectType>();
  const open = [...roots];
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    if (isUnionType(type) || isInterfaceType(type)) open.push(...schema.getPossibleTypes(type));
    if (!isObjectType(type) || found.has(type)) continue;
    found.add(type);
    for (const field of Object.values(type.getFields())) open.push(getNamedType(field.type));
  }
  return found;
}

describe('What feeds and pulses carry', () => {
  const live = Object.values(schema.getSubscriptionType()?.getFields() ?? {}).map(({ type }) => getNamedType(type));
  const reachable = [...reachableFrom(live)];

  test('leads to nothing that depends on the viewer', () => {
    expect(live.map(String).sort()).toEqual([
      'LiveLeaderboard',
      'MyFeedItem',
      'ScheduleFeedItem',
      'VideoEventFeedItem',
      'VideoEventPulse',
    ]);
    expect(reachable.map(({ name }) => name).filter((name) => !sameForEverybody.has(name))).toEqual([]);
  });

  test('takes no arguments, by which one entry could read in many ways', () => {
    for (const type of reachable) {
      const withArguments = Object.values(type.getFields()).filter(({ args }) => args.length > 0);
      expect(withArguments.map(({ name }) => `${type.name}.${name}`)).toEqual([]);
    }
  });

  test('has a place in its feed', () => {
    const feeds = live.filter(isUnionType);
    expect(
      live
        .filter((type) => !feeds.some((feed) => feed === type))
        .map(String)
        .sort(),
    ).toEqual(['LiveLeaderboard', 'VideoEventPulse']);
    for (const feed of feeds) {
      for (const member of feed.getTypes()) expect(member.getInterfaces().map(String)).toContain('FeedItem');
    }
  });
});
