import { isUnionType } from 'graphql';
import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { createSchema } from '../../src/schema.ts';
import { useServer } from '../harness.ts';
import { type MutationRow, mutations } from './mutation-table.ts';
import { type Scene, type Stage, setStage } from './stage.ts';
import { allVerdicts, missingRows, subjectOf, type Verdicts, type Viewer, viewers } from './viewers.ts';

const server = useServer();
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
async function state({ eventId, as, author }: Stage): Promise<unknown> {
  const { db } = server.app;
  const people = viewers.flatMap((viewer) => as[viewer].session?.userId ?? []).concat(author.actor.id);
  const ids = people.map((id) => decodeGlobalId(id).id);
  const event = decodeGlobalId(eventId).id;
  return Promise.all([
    db.videoEvent.findUnique({ where: { id: event } }),
    db.message.findMany({ where: { eventId: event }, orderBy: { id: 'asc' } }),
    db.poll.findMany({ where: { eventId: event }, orderBy: { id: 'asc' } }),
    db.pollBallot.findMany({ where: { eventId: event }, orderBy: { participantId: 'asc' } }),
    db.prediction.findMany({ where: { eventId: event }, orderBy: { id: 'asc' } }),
    db.goal.findMany({ where: { eventId: event }, orderBy: { id: 'asc' }, select: { id: true, status: true } }),
    db.predictionStake.findMany({ where: { eventId: event }, orderBy: { userId: 'asc' } }),
    db.reward.count({ where: { eventId: event } }),
    db.participant.findMany({ where: { eventId: event }, orderBy: { id: 'asc' } }),
    db.eventInvite.findMany({ where: { eventId: event }, orderBy: { userId: 'asc' } }),
    db.eventModerator.findMany({ where: { eventId: event } }),
    db.waitlistEntry.findMany({ where: { eventId: event }, orderBy: { turn: 'asc' } }),
    db.user.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } }),
    db.sanction.findMany({ where: { eventId: event }, orderBy: { id: 'asc' } }),
    db.session.count({ where: { revokedAt: null } }),
    db.videoEvent.count(),
    db.user.count(),
    // Not what the server tells by itself, a moment later: of what others were given, of reactions and of ranks.
    db.feedEntry.count({ where: { kind: { notIn: ['PointsChanged', 'RankChanged', 'ReactionsCounted'] } } }),
  ]);
}

const stages = new Map<Scene, Promise<Stage>>();
/** What is refused changes nothing, so one event of each kind serves for all that is. */
function unchanged(scene: Scene): Promise<Stage> {
  const stage = stages.get(scene) ?? setStage(server, scene);
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
    if (stage === null || usesUp) stage = await setStage(server, scene);
    observed[viewer] = await attempt(name, input, stage, viewer);
  }
  expect(observed).toEqual(told);
});
