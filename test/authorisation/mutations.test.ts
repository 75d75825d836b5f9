import { isUnionType } from 'graphql';
import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { createSchema } from '../../src/schema.ts';
import { useServer } from '../harness.ts';
import { type MutationRow, mutations } from './mutation-table.ts';
import type { Scene, Stage } from './stage.ts';
import { stageCopies } from './stage-copies.ts';
import { allVerdicts, missingRows, subjectOf, type Verdicts, type Viewer, viewers } from './viewers.ts';

const server = useServer();
const newStage = stageCopies(server);
const schema = createSchema();

test('every mutation has a row in the table', () => {
  const fields = Object.keys(schema.getMutationType()?.getFields() ?? {});
  expect(missingRows('mutation', fields, Object.keys(mutations), 'test/authorisation/mutation-table.ts')).toEqual([]);
});

/** Otherwise every refusal is a top-level error. */
function refusesInItsResult(type: string): boolean {
  const result = schema.getType(`${type}Result`);
  return isUnionType(result) && result.getTypes().some((member) => member.name.endsWith('Error'));
}

/** `ok`, or the code of what came instead of a payload. */
async function attempt(name: string, input: MutationRow['input'], stage: Stage, viewer: Viewer): Promise<string> {
  const me = stage.as[viewer];
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const [variables, argument] = input === null ? ['', ''] : [`($input: ${type}Input!)`, '(input: $input)'];
  const { data, errors } = await me.post(
    `mutation${variables} { result: ${name}${argument} { __typename ${refusesInItsResult(type) ? '... on Error { code }' : ''} } }`,
    input === null ? {} : { input: await input({ ...stage, viewer, me }) },
  );
  if (errors !== undefined) return String(errors[0]?.extensions?.code);
  return data.result.__typename === `${type}Payload` ? 'ok' : data.result.code;
}

/** What a refused mutation must leave as it is: the event, its people, and everything's number. */
async function state({ eventId, people }: Stage): Promise<unknown> {
  const users = Object.values(people).map(({ account }) => account.userId);
  // Not what the server tells by itself, a moment later: of what others were given, of reactions and of ranks.
  const [found] = await server.app.db.$queryRaw<unknown[]>`SELECT to_jsonb(e) AS event,
    (SELECT jsonb_agg(m ORDER BY id) FROM "Message" m WHERE "eventId" = e.id) AS messages,
    (SELECT jsonb_agg(p ORDER BY id) FROM "Poll" p WHERE "eventId" = e.id) AS polls,
    (SELECT jsonb_agg(b ORDER BY "pollId", "participantId") FROM "PollBallot" b WHERE "eventId" = e.id) AS ballots,
    (SELECT jsonb_agg(p ORDER BY id) FROM "Prediction" p WHERE "eventId" = e.id) AS predictions,
    (SELECT jsonb_agg(s ORDER BY "predictionId", "userId") FROM "PredictionStake" s WHERE "eventId" = e.id) AS stakes,
    (SELECT jsonb_agg(jsonb_build_array(id, status) ORDER BY id) FROM "Goal" WHERE "eventId" = e.id) AS goals,
    (SELECT count(*)::int FROM "Reward" WHERE "eventId" = e.id) AS rewards,
    (SELECT jsonb_agg(p ORDER BY id) FROM "Participant" p WHERE "eventId" = e.id) AS participants,
    (SELECT jsonb_agg(i ORDER BY "userId") FROM "EventInvite" i WHERE "eventId" = e.id) AS invites,
    (SELECT jsonb_agg(m ORDER BY "userId") FROM "EventModerator" m WHERE "eventId" = e.id) AS moderators,
    (SELECT jsonb_agg(w ORDER BY turn) FROM "WaitlistEntry" w WHERE "eventId" = e.id) AS waitlist,
    (SELECT jsonb_agg(s ORDER BY id) FROM "Sanction" s WHERE "eventId" = e.id) AS sanctions,
    (SELECT jsonb_agg(u ORDER BY id) FROM "User" u WHERE id = ANY(${users}::uuid[])) AS people,
    (SELECT count(*)::int FROM "Session" WHERE "revokedAt" IS NULL) AS sessions,
    (SELECT count(*)::int FROM "VideoEvent") AS "everyEvent",
    (SELECT count(*)::int FROM "User") AS "everyUser",
    (SELECT count(*)::int FROM "FeedEntry" WHERE kind NOT IN ('PointsChanged', 'RankChanged', 'ReactionsCounted')) AS entries
    FROM "VideoEvent" e WHERE e.id = ${decodeGlobalId(eventId).id}::uuid`;
  return found;
}

const stages = new Map<Scene, Promise<Stage>>();
/** What is refused changes nothing, so one event of each kind serves for all that is. */
function unchanged(scene: Scene): Promise<Stage> {
  const stage = stages.get(scene) ?? newStage(scene);
  stages.set(scene, stage);
  return stage;
}

const cases = Object.entries(mutations).flatMap(([row, content]) =>
  Object.entries(content.verdicts).map(([scene, expected]) => ({ row, scene: scene as Scene, content, expected })),
);

test.each(cases)('$row, of an event that is $scene', async ({ row, scene, content, expected }) => {
  const { input, usesUp = false } = content;
  const told: Verdicts = allVerdicts(row, expected);
  const name = subjectOf(row);
  const observed: Record<string, string> = {};
  const refused = viewers.filter((viewer) => told[viewer] !== 'ok');
  const quiet = await unchanged(scene);
  const before = await state(quiet);
  for (const viewer of refused) observed[viewer] = await attempt(name, input, quiet, viewer);
  // Whoever was let in by mistake shows as a wrong verdict below.
  if (!Object.values(observed).includes('ok')) expect(await state(quiet)).toEqual(before);
  let stage: Stage | null = null;
  for (const viewer of viewers.filter((viewer) => told[viewer] === 'ok')) {
    if (stage === null || usesUp) stage = await newStage(scene);
    observed[viewer] = await attempt(name, input, stage, viewer);
  }
  expect(observed).toEqual(told);
});
