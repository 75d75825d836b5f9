import { quoted, type Tab } from './found.ts';
import type { Beat } from './scene.ts';

/** Asks what will happen. `stakes`: by user name, the outcome's place, from 0, and points. */
export const predicts =
  (
    prediction: { title: string; outcomes: string[] },
    stakes: Readonly<Record<string, readonly [place: number, points: number]>>,
  ): Beat =>
  async ({ capabilities: { predictions }, db, eventId, host, person, key }) => {
    const { predictionId } = await predictions.create(host, { ...prediction, eventId, idempotencyKey: key });
    const outcomes = await db.predictionOutcome.findMany({ where: { predictionId }, orderBy: { position: 'asc' } });
    for (const [username, [place, points]] of Object.entries(stakes)) {
      const outcomeId = outcomes[place]?.id ?? '';
      await predictions.stake(person(username), { predictionId, outcomeId, points, idempotencyKey: key });
    }
  };

export const predictTab: Tab = ({ prediction, outcome }) => `
# Stake points on what will happen. Whoever is
# right shares the pot. resolvePrediction, by the
# host, ends it; cancelPrediction gives all back.

mutation Predict {
  stakePoints(
    input: {
      predictionId: ${quoted(prediction)}
      outcomeId: ${quoted(outcome)}
      points: 10
    }
  ) {
    __typename
    ... on StakePointsPayload {
      prediction {
        title
        outcomes { id title }
        totals { pot outcomes { outcomeId points stakers } }
        viewerStake { points }
      }
    }
    ... on Error { code message }
  }
}
`;
