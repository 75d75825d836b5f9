-- CreateEnum
CREATE TYPE "RewardTrigger" AS ENUM ('MESSAGE', 'REACTION', 'VOTE', 'QUESTION_ASKED', 'QUESTION_ANSWERED', 'JOIN', 'MINUTES_WATCHED', 'CUSTOM');

-- AlterEnum
ALTER TYPE "RewardKind" ADD VALUE 'EARNED';

-- CreateTable
CREATE TABLE "RewardRule" (
    "id" UUID NOT NULL,
    "hostId" UUID NOT NULL,
    "eventId" UUID,
    "title" TEXT NOT NULL,
    "trigger" "RewardTrigger" NOT NULL,
    "engagementType" TEXT,
    "minutes" INTEGER,
    "points" INTEGER NOT NULL,
    "cooldownSeconds" INTEGER NOT NULL DEFAULT 0,
    "maxPerEvent" INTEGER,
    "activeFrom" TIMESTAMPTZ(3),
    "activeTo" TIMESTAMPTZ(3),
    "archivedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RewardRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RewardRuleUse" (
    "ruleId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "times" INTEGER NOT NULL,
    "lastTimes" INTEGER NOT NULL,
    "lastAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RewardRuleUse_pkey" PRIMARY KEY ("ruleId","eventId","userId")
);

-- CreateTable
CREATE TABLE "WatchedTime" (
    "ruleId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "stretches" INTEGER NOT NULL DEFAULT 0,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "WatchedTime_pkey" PRIMARY KEY ("ruleId","eventId","userId")
);

-- CreateIndex
CREATE INDEX "RewardRule_hostId_eventId_archivedAt_idx" ON "RewardRule"("hostId", "eventId", "archivedAt");

-- CreateIndex
CREATE INDEX "RewardRule_hostId_createdAt_id_idx" ON "RewardRule"("hostId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "RewardRule_eventId_idx" ON "RewardRule"("eventId");

-- CreateIndex
CREATE INDEX "RewardRuleUse_eventId_idx" ON "RewardRuleUse"("eventId");

-- CreateIndex
CREATE INDEX "RewardRuleUse_userId_idx" ON "RewardRuleUse"("userId");

-- CreateIndex
CREATE INDEX "WatchedTime_eventId_idx" ON "WatchedTime"("eventId");

-- CreateIndex
CREATE INDEX "WatchedTime_userId_idx" ON "WatchedTime"("userId");

-- AddForeignKey
ALTER TABLE "RewardRule" ADD CONSTRAINT "RewardRule_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RewardRule" ADD CONSTRAINT "RewardRule_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RewardRuleUse" ADD CONSTRAINT "RewardRuleUse_ruleId_fkey" FOREIGN KEY ("ruleId") REFERENCES "RewardRule"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RewardRuleUse" ADD CONSTRAINT "RewardRuleUse_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RewardRuleUse" ADD CONSTRAINT "RewardRuleUse_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WatchedTime" ADD CONSTRAINT "WatchedTime_ruleId_fkey" FOREIGN KEY ("ruleId") REFERENCES "RewardRule"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WatchedTime" ADD CONSTRAINT "WatchedTime_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WatchedTime" ADD CONSTRAINT "WatchedTime_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "RewardRule" ADD CONSTRAINT "RewardRule_points_check" CHECK ("points" BETWEEN 1 AND 10000);
ALTER TABLE "RewardRule" ADD CONSTRAINT "RewardRule_limits_check" CHECK ("cooldownSeconds" >= 0 AND "maxPerEvent" >= 1);
ALTER TABLE "RewardRule" ADD CONSTRAINT "RewardRule_custom_check" CHECK (("trigger" = 'CUSTOM') = ("engagementType" IS NOT NULL));
ALTER TABLE "RewardRule" ADD CONSTRAINT "RewardRule_minutes_check"
    CHECK (("trigger" = 'MINUTES_WATCHED') = ("minutes" IS NOT NULL) AND "minutes" >= 1);
ALTER TABLE "RewardRule" ADD CONSTRAINT "RewardRule_active_check" CHECK ("activeFrom" < "activeTo");
ALTER TABLE "RewardRuleUse" ADD CONSTRAINT "RewardRuleUse_times_check" CHECK ("lastTimes" BETWEEN 1 AND "times");
