import { type GraphQLNamedType, type GraphQLSchema, getNamedType, isCompositeType, isObjectType } from 'graphql';

/**
 * Beside the facts themselves, the types that may be reached from an item of a feed or a pulse. One execution serves all who follow:
 * no field of these types may depend on who asks. What is listed here is told to everybody who may follow.
 */
const forEveryViewer: ReadonlySet<string> = new Set([
  'GoalLevelSnapshot',
  'GoalProgress',
  'GoalSnapshot',
  'LeaderboardEntry',
  'Message',
  'PollChoiceSnapshot',
  'PollChoiceTally',
  'PollSnapshot',
  'PollTally',
  'PredictionOutcomeSnapshot',
  'PredictionOutcomeTotal',
  'PredictionSnapshot',
  'PredictionTotals',
  'Profile',
  'QuestionSnapshot',
  'QuestionTally',
  'ReactionCount',
  'ReactionTally',
  'SanctionTerms',
  'VideoEventSnapshot',
]);

const itemInterface = 'FeedItem';
/** Items of subscriptions that tell what holds, not what happened. */
const latestValues: ReadonlySet<string> = new Set(['LiveLeaderboard', 'VideoEventPulse']);

const isItem = (type: GraphQLNamedType): boolean =>
  latestValues.has(type.name) ||
  (isObjectType(type) && type.getInterfaces().some(({ name }) => name === itemInterface));

/**
 * The subscriptions that are served together: those whose items are all facts, or the latest values.
 * @throws Error for an item that reaches a type which is not known to be the same for every viewer
 */
export function liveFields(schema: GraphQLSchema): ReadonlySet<string> {
  const live = Object.values(schema.getSubscriptionType()?.getFields() ?? {}).filter(({ type }) => {
    const named = getNamedType(type);
    return isCompositeType(named) && objectsOf(schema, named).every(isItem);
  });
  const strangers = live.flatMap((field) =>
    [...reachable(schema, getNamedType(field.type))]
      .filter(({ type }) => !isItem(type) && !forEveryViewer.has(type.name))
      .map(({ type, path }) => `${type.name} (${field.name}: ${path})`),
  );
  if (strangers.length > 0) {
    throw new Error(`items reach types that may depend on the viewer: ${[...new Set(strangers)].join(', ')}`);
  }
  return new Set(live.map(({ name }) => name));
}

function objectsOf(schema: GraphQLSchema, type: GraphQLNamedType): readonly GraphQLNamedType[] {
  if (!isCompositeType(type)) return [];
  return isObjectType(type) ? [type] : schema.getPossibleTypes(type);
}

/** Every object type an answer of `root` can hold, with the fields that first led to it. */
function reachable(schema: GraphQLSchema, root: GraphQLNamedType): Iterable<{ type: GraphQLNamedType; path: string }> {
  const found = new Map<string, { type: GraphQLNamedType; path: string }>();
  const visit = (type: GraphQLNamedType, path: string): void => {
    for (const object of objectsOf(schema, type)) {
      if (found.has(object.name) || !isObjectType(object)) continue;
      found.set(object.name, { type: object, path: path === '' ? object.name : path });
      for (const field of Object.values(object.getFields())) {
        visit(getNamedType(field.type), `${object.name}.${field.name}`);
      }
    }
  };
  visit(root, '');
  return found.values();
}
