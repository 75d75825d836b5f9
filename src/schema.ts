import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder.ts';
import { describeRelay } from './relay-descriptions.ts';
import './accounts/own-feed-schema.ts';
import './accounts/schema.ts';
import './analytics/schema.ts';
import './chat/schema.ts';
import './engagement/schema.ts';
import './errors-schema.ts';
import './event-pulse-schema.ts';
import './events/schema.ts';
import './goals/schema.ts';
import './leaderboards/schema.ts';
import './moderation/schema.ts';
import './participation/schema.ts';
import './polls/schema.ts';
import './predictions/schema.ts';
import './presence/schema.ts';
import './questions/schema.ts';
import './reminders/schema.ts';
import './reactions/schema.ts';
import './replay-schema.ts';
import './reports/schema.ts';
import './rewards/schema.ts';
import './subscriptions.ts';
import './waitlist/schema.ts';

/** The whole API. `npm run schema` prints it to schema.graphql. */
export const createSchema = (): GraphQLSchema => describeRelay(builder.toSchema());

/** The whole API in GraphQL's schema language, sorted: what schema.graphql holds. */
export const schemaText = (): string => `${printSchema(lexicographicSortSchema(createSchema()))}\n`;
