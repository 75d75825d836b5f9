-- CreateEnum
CREATE TYPE "PredictionStatus" AS ENUM ('OPEN', 'LOCKED', 'RESOLVED', 'CANCELLED');

-- AlterEnum
ALTER TYPE "ModerationActionKind" ADD VALUE 'PREDICTION_OPENED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'PREDICTION_LOCKED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'PREDICTION_RESOLVED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'PREDICTION_CANCELLED';

-- AlterEnum
ALTER TYPE "RewardKind" ADD VALUE 'STAKED';
ALTER TYPE "RewardKind" ADD VALUE 'WON';
ALTER TYPE "RewardKind" ADD VALUE 'STAKE_RETURNED';

-- AlterTable
ALTER TABLE "ModerationAction" ADD COLUMN     "predictionId" UUID;

-- CreateTable
CREATE TABLE "Prediction" (
    "id" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "status" "PredictionStatus" NOT NULL DEFAULT 'OPEN',
    "locksAt" TIMESTAMPTZ(3),
    "lockedAt" TIMESTAMPTZ(3),
    "settledAt" TIMESTAMPTZ(3),
    "winnerId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Prediction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PredictionOutcome" (
    "id" UUID NOT NULL,
    "predictionId" UUID NOT NULL,
    "position" SMALLINT NOT NULL,
    "title" TEXT NOT NULL,

    CONSTRAINT "PredictionOutcome_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PredictionStake" (
    "predictionId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "outcomeId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "points" BIGINT NOT NULL,
    "turn" BIGSERIAL NOT NULL,
    "payout" BIGINT,
    "paidAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PredictionStake_pkey" PRIMARY KEY ("predictionId","userId")
);

-- CreateIndex
CREATE INDEX "Prediction_eventId_createdAt_id_idx" ON "Prediction"("eventId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Prediction_id_eventId_key" ON "Prediction"("id", "eventId");

-- CreateIndex
CREATE UNIQUE INDEX "Prediction_winnerId_id_key" ON "Prediction"("winnerId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "PredictionOutcome_predictionId_position_key" ON "PredictionOutcome"("predictionId", "position");

-- CreateIndex
CREATE UNIQUE INDEX "PredictionOutcome_predictionId_title_key" ON "PredictionOutcome"("predictionId", "title");

-- CreateIndex
CREATE UNIQUE INDEX "PredictionOutcome_id_predictionId_key" ON "PredictionOutcome"("id", "predictionId");

-- CreateIndex
CREATE INDEX "PredictionStake_userId_idx" ON "PredictionStake"("userId");

-- CreateIndex
CREATE INDEX "PredictionStake_participantId_idx" ON "PredictionStake"("participantId");

-- AddForeignKey
ALTER TABLE "Prediction" ADD CONSTRAINT "Prediction_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Prediction" ADD CONSTRAINT "Prediction_winnerId_id_fkey" FOREIGN KEY ("winnerId", "id") REFERENCES "PredictionOutcome"("id", "predictionId") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "PredictionOutcome" ADD CONSTRAINT "PredictionOutcome_predictionId_fkey" FOREIGN KEY ("predictionId") REFERENCES "Prediction"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PredictionStake" ADD CONSTRAINT "PredictionStake_predictionId_eventId_fkey" FOREIGN KEY ("predictionId", "eventId") REFERENCES "Prediction"("id", "eventId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PredictionStake" ADD CONSTRAINT "PredictionStake_outcomeId_predictionId_fkey" FOREIGN KEY ("outcomeId", "predictionId") REFERENCES "PredictionOutcome"("id", "predictionId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PredictionStake" ADD CONSTRAINT "PredictionStake_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PredictionStake" ADD CONSTRAINT "PredictionStake_participantId_eventId_fkey" FOREIGN KEY ("participantId", "eventId") REFERENCES "Participant"("id", "eventId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the schema language cannot say.
ALTER TABLE "Prediction"
  ADD CONSTRAINT "Prediction_title_check" CHECK (char_length("title") BETWEEN 1 AND 120),
  ADD CONSTRAINT "Prediction_settled_check" CHECK (("status" IN ('RESOLVED', 'CANCELLED')) = ("settledAt" IS NOT NULL)),
  ADD CONSTRAINT "Prediction_winner_check" CHECK (("status" = 'RESOLVED') = ("winnerId" IS NOT NULL)),
  ADD CONSTRAINT "Prediction_locked_check" CHECK ("status" NOT IN ('LOCKED', 'RESOLVED') OR "lockedAt" IS NOT NULL);

ALTER TABLE "PredictionOutcome"
  ADD CONSTRAINT "PredictionOutcome_position_check" CHECK ("position" BETWEEN 0 AND 9),
  ADD CONSTRAINT "PredictionOutcome_title_check" CHECK (char_length("title") BETWEEN 1 AND 80);

-- Paid is what was decided.
ALTER TABLE "PredictionStake"
  ADD CONSTRAINT "PredictionStake_points_check" CHECK ("points" > 0),
  ADD CONSTRAINT "PredictionStake_payout_check" CHECK ("payout" >= 0),
  ADD CONSTRAINT "PredictionStake_paid_check" CHECK ("paidAt" IS NULL OR "payout" IS NOT NULL);
