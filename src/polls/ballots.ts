import type { Transaction } from '../db/client.ts';
import { newId } from '../ids.ts';
import type { Vote } from './voting.ts';

/**
 * Writes ballots, one a participant at most, and their engagements in one statement. The poll is held by the caller. Returns the
 * participants whose vote was taken, and whether it is their first: the others have a ballot, and the poll takes no changes.
 */
export async function castBallots(
  tx: Transaction,
  { id: pollId, eventId, changeable }: { id: string; eventId: string; changeable: boolean },
  votes: readonly Vote[],
): Promise<ReadonlyMap<string, { isFirst: boolean }>> {
  const rows = votes.map(({ participantId, choices }) => ({ participantId, choices, engagementId: newId() }));
  const taken = await tx.$queryRaw<{ participantId: string; isFirst: boolean }[]>`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS g("participantId" uuid, choices smallint[], "engagementId" uuid)
    ), cast_in AS (
      INSERT INTO "PollBallot" ("pollId", "eventId", "participantId", choices, "createdAt", "updatedAt")
      SELECT ${pollId}::uuid, ${eventId}::uuid, "participantId", choices, clock_timestamp(), clock_timestamp() FROM given
      ON CONFLICT ("pollId", "participantId") DO UPDATE
        SET choices = EXCLUDED.choices, "updatedAt" = EXCLUDED."updatedAt" WHERE ${changeable}
      RETURNING "participantId", "updatedAt", xmax = 0 AS "isFirst"
    ), engagements AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId", "createdAt", "updatedAt")
      SELECT "engagementId", "participantId", ${eventId}::uuid, 'VOTE', "updatedAt", ${pollId}::uuid, "updatedAt", "updatedAt"
      FROM cast_in JOIN given USING ("participantId")
    )
    SELECT "participantId", "isFirst" FROM cast_in`;
  return new Map(taken.map(({ participantId, isFirst }) => [participantId, { isFirst }]));
}
