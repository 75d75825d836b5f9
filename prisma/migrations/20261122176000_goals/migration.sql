-- CreateEnum
CREATE TYPE "GoalMetric" AS ENUM ('REACTIONS', 'MESSAGES', 'VOTES', 'QUESTIONS');

-- CreateEnum
CREATE TYPE "GoalStatus" AS ENUM ('OPEN', 'REACHED', 'CLOSED', 'CANCELLED');

-- AlterEnum
ALTER TYPE "RewardKind" ADD VALUE 'GOAL';

-- CreateTable
CREATE TABLE "Goal" (
    "id" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "metric" "GoalMetric" NOT NULL,
    "status" "GoalStatus" NOT NULL DEFAULT 'OPEN',
    "progress" BIGINT NOT NULL DEFAULT 0,
    "reactionsBefore" BIGINT NOT NULL DEFAULT 0,
    "settled" BIGINT NOT NULL DEFAULT 0,
    "countedUntil" TIMESTAMPTZ(3) NOT NULL,
    "closedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Goal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GoalLevel" (
    "goalId" UUID NOT NULL,
    "level" SMALLINT NOT NULL,
    "target" INTEGER NOT NULL,
    "points" INTEGER NOT NULL,
    "reachedAt" TIMESTAMPTZ(3),

    CONSTRAINT "GoalLevel_pkey" PRIMARY KEY ("goalId","level")
);

-- CreateIndex
CREATE INDEX "Goal_eventId_createdAt_id_idx" ON "Goal"("eventId", "createdAt", "id");

-- AddForeignKey
ALTER TABLE "Goal" ADD CONSTRAINT "Goal_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "GoalLevel" ADD CONSTRAINT "GoalLevel_goalId_fkey" FOREIGN KEY ("goalId") REFERENCES "Goal"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the schema language cannot say.
ALTER TABLE "Goal"
  ADD CONSTRAINT "Goal_title_check" CHECK (char_length("title") BETWEEN 1 AND 120),
  ADD CONSTRAINT "Goal_closed_check" CHECK (("status" = 'OPEN') = ("closedAt" IS NULL));
ALTER TABLE "GoalLevel"
  ADD CONSTRAINT "GoalLevel_level_check" CHECK ("level" BETWEEN 1 AND 5),
  ADD CONSTRAINT "GoalLevel_target_check" CHECK ("target" BETWEEN 1 AND 1000000000),
  ADD CONSTRAINT "GoalLevel_points_check" CHECK ("points" BETWEEN 0 AND 10000);

-- They are looked for every second.
CREATE INDEX "Goal_open_idx" ON "Goal" ("eventId") WHERE "status" = 'OPEN';
