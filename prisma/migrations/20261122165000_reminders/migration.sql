-- AlterTable
ALTER TABLE "Participant" ADD COLUMN     "remindersMuted" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "remindersOn" BOOLEAN NOT NULL DEFAULT true;

-- What is scheduled already is reminded of, too.
INSERT INTO "Job" ("id", "kind", "key", "payload", "runAt")
SELECT gen_random_uuid(), 'event.remind',
  e."id" || ':' || (extract(epoch FROM e."scheduledAt") * 1000)::bigint || ':' || m.minutes,
  jsonb_build_object(
    'eventId', e."id",
    'scheduledAt', to_char(e."scheduledAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'minutesBefore', m.minutes,
    'progress', NULL),
  e."scheduledAt" - make_interval(mins => m.minutes)
FROM "VideoEvent" e CROSS JOIN (VALUES (1440), (60), (5)) AS m(minutes)
WHERE e."status" = 'SCHEDULED' AND e."scheduledAt" - make_interval(mins => m.minutes) > clock_timestamp();
