-- CreateEnum
CREATE TYPE "LeaderboardPeriod" AS ENUM ('ALL_TIME', 'MONTH', 'WEEK', 'DAY');

-- CreateTable
CREATE TABLE "Score" (
    "ownerId" UUID NOT NULL,
    "period" "LeaderboardPeriod" NOT NULL,
    "since" DATE NOT NULL,
    "userId" UUID NOT NULL,
    "points" BIGINT NOT NULL,
    "reachedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Score_pkey" PRIMARY KEY ("ownerId","period","since","userId")
);

-- CreateTable
CREATE TABLE "ToldRanks" (
    "eventId" UUID NOT NULL,
    "ranks" JSONB NOT NULL DEFAULT '{}',
    "toldAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ToldRanks_pkey" PRIMARY KEY ("eventId")
);

-- CreateIndex
CREATE INDEX "Score_ownerId_period_since_points_reachedAt_userId_idx" ON "Score"("ownerId", "period", "since", "points" DESC, "reachedAt", "userId");

-- AddForeignKey
ALTER TABLE "Score" ADD CONSTRAINT "Score_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ToldRanks" ADD CONSTRAINT "ToldRanks_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the ledger holds already. Of reward kinds there are, these two are earned.
INSERT INTO "Score" ("ownerId", period, since, "userId", points, "reachedAt")
SELECT b."ownerId", b.period, b.since, r."userId", sum(r.points), max(r.timestamp)
FROM "Reward" r
JOIN "User" u ON u.id = r."userId" AND u."deletedAt" IS NULL
CROSS JOIN LATERAL (VALUES
    (r."eventId", 'ALL_TIME'::"LeaderboardPeriod", DATE '1970-01-01'),
    (r."hostId", 'ALL_TIME', DATE '1970-01-01'),
    (r."hostId", 'MONTH', date_trunc('month', r.timestamp AT TIME ZONE 'UTC')::date),
    (r."hostId", 'WEEK', date_trunc('week', r.timestamp AT TIME ZONE 'UTC')::date),
    (r."hostId", 'DAY', date_trunc('day', r.timestamp AT TIME ZONE 'UTC')::date)
) AS b("ownerId", period, since)
WHERE r.kind IN ('GRANTED', 'REVOKED')
GROUP BY b."ownerId", b.period, b.since, r."userId"
HAVING sum(r.points) <> 0;
