-- CreateEnum
CREATE TYPE "QuestionStatus" AS ENUM ('PENDING', 'APPROVED', 'ANSWERED', 'DISMISSED', 'WITHDRAWN');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "ModerationActionKind" ADD VALUE 'QUESTION_APPROVED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'QUESTION_ANSWERED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'QUESTION_PINNED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'QUESTION_UNPINNED';
ALTER TYPE "ModerationActionKind" ADD VALUE 'QUESTION_DISMISSED';

-- AlterTable
ALTER TABLE "ModerationAction" ADD COLUMN     "questionId" UUID;

-- AlterTable
ALTER TABLE "VideoEvent" ADD COLUMN     "pinnedQuestionId" UUID,
ADD COLUMN     "questionsPreModerated" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "Question" (
    "id" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "authorId" UUID NOT NULL,
    "anonymous" BOOLEAN NOT NULL DEFAULT false,
    "text" TEXT,
    "status" "QuestionStatus" NOT NULL,
    "answer" TEXT,
    "answeredAt" TIMESTAMPTZ(3),
    "votes" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Question_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "QuestionUpvote" (
    "questionId" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "removedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "QuestionUpvote_pkey" PRIMARY KEY ("questionId","participantId")
);

-- CreateIndex
CREATE INDEX "Question_eventId_votes_createdAt_id_idx" ON "Question"("eventId", "votes" DESC, "createdAt", "id");

-- CreateIndex
CREATE INDEX "Question_eventId_createdAt_id_idx" ON "Question"("eventId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Question_participantId_status_idx" ON "Question"("participantId", "status");

-- CreateIndex
CREATE INDEX "Question_authorId_idx" ON "Question"("authorId");

-- CreateIndex
CREATE UNIQUE INDEX "Question_id_eventId_key" ON "Question"("id", "eventId");

-- CreateIndex
CREATE INDEX "QuestionUpvote_participantId_idx" ON "QuestionUpvote"("participantId");

-- CreateIndex
CREATE UNIQUE INDEX "VideoEvent_pinnedQuestionId_key" ON "VideoEvent"("pinnedQuestionId");

-- AddForeignKey
ALTER TABLE "VideoEvent" ADD CONSTRAINT "VideoEvent_pinnedQuestionId_fkey" FOREIGN KEY ("pinnedQuestionId") REFERENCES "Question"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Question" ADD CONSTRAINT "Question_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Question" ADD CONSTRAINT "Question_participantId_eventId_fkey" FOREIGN KEY ("participantId", "eventId") REFERENCES "Participant"("id", "eventId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Question" ADD CONSTRAINT "Question_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "QuestionUpvote" ADD CONSTRAINT "QuestionUpvote_questionId_eventId_fkey" FOREIGN KEY ("questionId", "eventId") REFERENCES "Question"("id", "eventId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "QuestionUpvote" ADD CONSTRAINT "QuestionUpvote_participantId_eventId_fkey" FOREIGN KEY ("participantId", "eventId") REFERENCES "Participant"("id", "eventId") ON DELETE CASCADE ON UPDATE CASCADE;

-- Withdrawn questions have no text, and only those; lengths count code points.
ALTER TABLE "Question"
  ADD CONSTRAINT "Question_text_check" CHECK (char_length("text") BETWEEN 1 AND 300),
  ADD CONSTRAINT "Question_withdrawn_check" CHECK (("status" = 'WITHDRAWN') = ("text" IS NULL)),
  ADD CONSTRAINT "Question_answer_check" CHECK (char_length("answer") BETWEEN 1 AND 500),
  ADD CONSTRAINT "Question_votes_check" CHECK ("votes" >= 0);
