import type { Db } from '../db/client.ts';
import type { Round } from '../jobs/jobs.ts';

/** How often viewers are counted. */
export const sampledEverySeconds = 30;

/** What nobody looked at for so long was not watched, in seconds: the rounds stood still, or the viewer was away. */
const longestGap = 2 * sampledEverySeconds;

/**
 * Writes down how many participants are present in each event that is on air, and for how long each of them has been seen. One
 * statement for all events: every figure is of one moment.
 */
export const createSampling = ({ db }: { db: Db }): Round => ({
  name: 'presence.sample',
  everyMs: sampledEverySeconds * 1000,
  run: () => db.$executeRaw`
    WITH moment AS (SELECT clock_timestamp() AS now), on_air AS (
      SELECT id FROM "VideoEvent" WHERE status IN ('LIVE', 'INTERRUPTED')
    ), present AS (
      SELECT DISTINCT p."participantId", p."eventId" FROM "Presence" p
      JOIN "Instance" i ON i.id = p."instanceId" AND i."expiresAt" > clock_timestamp()
      JOIN on_air e ON e.id = p."eventId"
    ), seen AS (
      INSERT INTO "Attendance" AS a ("participantId", "eventId", "firstSeenAt", "lastSeenAt")
      SELECT "participantId", "eventId", moment.now, moment.now FROM present, moment ORDER BY "participantId"
      ON CONFLICT ("participantId") DO UPDATE SET
        "secondsWatched" = a."secondsWatched"
          + CASE WHEN EXCLUDED."lastSeenAt" - a."lastSeenAt" > make_interval(secs => ${longestGap}) THEN 0
            ELSE GREATEST(0, round(extract(epoch FROM EXCLUDED."lastSeenAt" - a."lastSeenAt")))::int END,
        "lastSeenAt" = GREATEST(a."lastSeenAt", EXCLUDED."lastSeenAt")
    )
    INSERT INTO "ViewerSample" ("eventId", "sampledAt", viewers)
    SELECT e.id, moment.now, (SELECT count(*)::int FROM present p WHERE p."eventId" = e.id) FROM on_air e, moment
    ON CONFLICT DO NOTHING`,
});
