-- CreateEnum
CREATE TYPE "PollStatus" AS ENUM ('DRAFT', 'OPEN', 'CLOSED', 'ARCHIVED');

-- CreateEnum
CREATE TYPE "PollResults" AS ENUM ('ALWAYS', 'AFTER_VOTE', 'AFTER_CLOSE');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "ModerationActionKind" ADD VALUE 'POLL_OPENED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'POLL_CLOSED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'POLL_ARCHIVED';

-- AlterTable
ALTER TABLE "ModerationAction" ADD COLUMN     "pollId" UUID;

-- CreateTable
CREATE TABLE "Poll" (
    "id" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "status" "PollStatus" NOT NULL DEFAULT 'DRAFT',
    "maxChoices" SMALLINT NOT NULL DEFAULT 1,
    "changeable" BOOLEAN NOT NULL DEFAULT false,
    "results" "PollResults" NOT NULL DEFAULT 'ALWAYS',
    "durationSeconds" INTEGER,
    "openedAt" TIMESTAMPTZ(3),
    "closesAt" TIMESTAMPTZ(3),
    "closedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Poll_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PollChoice" (
    "id" UUID NOT NULL,
    "pollId" UUID NOT NULL,
    "position" SMALLINT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "PollChoice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PollBallot" (
    "pollId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "choices" SMALLINT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PollBallot_pkey" PRIMARY KEY ("pollId","participantId")
);

-- CreateIndex
CREATE INDEX "Poll_eventId_createdAt_id_idx" ON "Poll"("eventId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Poll_id_eventId_key" ON "Poll"("id", "eventId");

-- CreateIndex
CREATE UNIQUE INDEX "PollChoice_pollId_position_key" ON "PollChoice"("pollId", "position");

-- CreateIndex
CREATE UNIQUE INDEX "PollChoice_pollId_text_key" ON "PollChoice"("pollId", "text");

-- AddForeignKey
ALTER TABLE "Poll" ADD CONSTRAINT "Poll_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PollChoice" ADD CONSTRAINT "PollChoice_pollId_fkey" FOREIGN KEY ("pollId") REFERENCES "Poll"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PollBallot" ADD CONSTRAINT "PollBallot_pollId_eventId_fkey" FOREIGN KEY ("pollId", "eventId") REFERENCES "Poll"("id", "eventId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PollBallot" ADD CONSTRAINT "PollBallot_participantId_eventId_fkey" FOREIGN KEY ("participantId", "eventId") REFERENCES "Participant"("id", "eventId") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "Poll"
  ADD CONSTRAINT "Poll_title_check" CHECK (char_length("title") BETWEEN 1 AND 120),
  ADD CONSTRAINT "Poll_maxChoices_check" CHECK ("maxChoices" BETWEEN 1 AND 10),
  ADD CONSTRAINT "Poll_duration_check" CHECK ("durationSeconds" BETWEEN 15 AND 86400),
  ADD CONSTRAINT "Poll_opened_check" CHECK (("status" = 'DRAFT') = ("openedAt" IS NULL)),
  ADD CONSTRAINT "Poll_closes_check" CHECK (("openedAt" IS NOT NULL AND "durationSeconds" IS NOT NULL) = ("closesAt" IS NOT NULL)),
  ADD CONSTRAINT "Poll_closed_check" CHECK (("status" IN ('CLOSED', 'ARCHIVED')) = ("closedAt" IS NOT NULL));

ALTER TABLE "PollChoice"
  ADD CONSTRAINT "PollChoice_position_check" CHECK ("position" BETWEEN 0 AND 9),
  ADD CONSTRAINT "PollChoice_text_check" CHECK (char_length("text") BETWEEN 1 AND 80);

-- Positions of choices, none of them twice.
ALTER TABLE "PollBallot"
  ALTER COLUMN "choices" SET NOT NULL,
  ADD CONSTRAINT "PollBallot_choices_check" CHECK (
    cardinality("choices") >= 1
    AND array_position("choices", NULL) IS NULL
    AND cardinality("choices") = (0 = ANY ("choices"))::int + (1 = ANY ("choices"))::int + (2 = ANY ("choices"))::int + (3 = ANY ("choices"))::int
      + (4 = ANY ("choices"))::int + (5 = ANY ("choices"))::int + (6 = ANY ("choices"))::int + (7 = ANY ("choices"))::int
      + (8 = ANY ("choices"))::int + (9 = ANY ("choices"))::int
  );
