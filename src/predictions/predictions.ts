import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import type { EventHook } from '../events/lifecycle.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Prediction, Prisma } from '../generated/prisma/client.ts';
import type { Duty } from '../jobs/task.ts';
import { visiblePredictions } from './access.ts';
import { cancelPredictions, endPredictions } from './cancelling.ts';
import type { PredictionTotals } from './entries.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { expiry, lockPredictions, type OnStaked, timedLocking } from './locking.ts';
import { settlement, settleSome } from './settling.ts';
import { createStake, type StakePoints } from './stake.ts';
import { createTotalsReader } from './totals.ts';

export interface PredictionsDeps {
  write: Write;
  db: Db;
  onStaked: OnStaked;
}

/** What will happen, and points on it: whoever was right shares what all have staked. */
export interface Predictions extends Lifecycle {
  stake: StakePoints;
  visible: typeof visiblePredictions;
  /** The prediction, if the viewer may know of it. Throws NotFoundError. */
  get(viewer: Viewer | null, predictionId: string, query: PredictionQuery): Promise<Prediction>;
  /** How much is staked on what. The caller has the prediction from a read that the viewer was allowed. */
  totals(predictionId: string): Promise<PredictionTotals>;
  /** Locks predictions whose time is over, cancels what nobody resolved, pays out. */
  readonly duties: readonly Duty[];
  /** Locks an event's predictions when it has ended; cancels them when it was cancelled. */
  readonly onOver: EventHook;
}

/** What of a prediction's row and relations to load. */
export type PredictionQuery = Pick<Prisma.PredictionFindFirstArgs, 'select' | 'include'>;

export function createPredictions({ write, db, onStaked }: PredictionsDeps): Predictions {
  return {
    ...createLifecycle({ write, onStaked }),
    stake: createStake({ write, onStaked }),
    visible: visiblePredictions,
    async get(viewer, predictionId, query) {
      const found = await db.prediction.findFirst({
        ...query,
        where: { AND: [{ id: predictionId }, visiblePredictions(viewer)] },
      });
      if (found === null) throw new NotFoundError('Prediction');
      return found;
    },
    totals: createTotalsReader(db),
    duties: [
      timedLocking.doneBy((work, { predictionId }) => lockPredictions(work, [predictionId], onStaked)),
      expiry.doneBy((work, { predictionId }) =>
        cancelPredictions(work, { ids: [predictionId], from: ['LOCKED'] }, onStaked),
      ),
      settlement.doneBy(settleSome),
    ],
    onOver: (work, eventId) => endPredictions(work, eventId, onStaked),
  };
}
