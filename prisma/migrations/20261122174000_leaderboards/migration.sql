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
CREATE TABLE "ScoreBucket" (
    "ownerId" UUID NOT NULL,
    "period" "LeaderboardPeriod" NOT NULL,
    "since" DATE NOT NULL,
    "bucket" INTEGER NOT NULL,
    "people" INTEGER NOT NULL,

    CONSTRAINT "ScoreBucket_pkey" PRIMARY KEY ("ownerId","period","since","bucket")
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

-- Its rows change all the time, and none of what is indexed.
ALTER TABLE "ScoreBucket" SET (fillfactor = 50);

-- Points below 32 have a bucket each; above, every doubling has 16. It grows with the points. Null: 0 points or less are in none.
-- An exponent that is one off at a power of two, where logarithms are not exact, makes the same bucket.
CREATE FUNCTION "score_bucket"(points bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN points <= 0 THEN NULL WHEN points < 32 THEN points::int
    ELSE 16 * (floor(ln(points::float8) / ln(2::float8))::int - 4) + (points >> (floor(ln(points::float8) / ln(2::float8))::int - 4))::int END
$$;

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

INSERT INTO "ScoreBucket" ("ownerId", period, since, bucket, people)
SELECT "ownerId", period, since, "score_bucket"(points), count(*) FROM "Score" WHERE points > 0 GROUP BY 1, 2, 3, 4;
