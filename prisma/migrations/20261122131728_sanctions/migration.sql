-- CreateEnum
CREATE TYPE "SanctionKind" AS ENUM ('TIMEOUT', 'BAN');

-- CreateEnum
CREATE TYPE "ModerationActionKind" AS ENUM ('USER_TIMED_OUT', 'USER_BANNED', 'SANCTION_LIFTED', 'MESSAGE_REMOVED', 'MESSAGE_PINNED', 'MESSAGE_UNPINNED', 'MODERATOR_APPOINTED', 'MODERATOR_DISMISSED');

-- CreateTable
CREATE TABLE "Sanction" (
    "id" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "kind" "SanctionKind" NOT NULL,
    "reason" TEXT NOT NULL,
    "imposedById" UUID NOT NULL,
    "imposedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "until" TIMESTAMPTZ(3),
    "liftedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Sanction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModerationAction" (
    "id" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "actorId" UUID NOT NULL,
    "kind" "ModerationActionKind" NOT NULL,
    "userId" UUID,
    "messageId" UUID,
    "reason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ModerationAction_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Sanction_eventId_userId_idx" ON "Sanction"("eventId", "userId");

-- CreateIndex
CREATE INDEX "Sanction_userId_idx" ON "Sanction"("userId");

-- CreateIndex
CREATE INDEX "ModerationAction_eventId_createdAt_id_idx" ON "ModerationAction"("eventId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "ModerationAction_actorId_idx" ON "ModerationAction"("actorId");

-- CreateIndex
CREATE INDEX "ModerationAction_userId_idx" ON "ModerationAction"("userId");

-- AddForeignKey
ALTER TABLE "Sanction" ADD CONSTRAINT "Sanction_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Sanction" ADD CONSTRAINT "Sanction_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Sanction" ADD CONSTRAINT "Sanction_imposedById_fkey" FOREIGN KEY ("imposedById") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModerationAction" ADD CONSTRAINT "ModerationAction_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModerationAction" ADD CONSTRAINT "ModerationAction_actorId_fkey" FOREIGN KEY ("actorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModerationAction" ADD CONSTRAINT "ModerationAction_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Of a user's sanctions in an event at most one is not lifted: two moderators who act at once cannot both.
CREATE UNIQUE INDEX "Sanction_in_force_key" ON "Sanction" ("eventId", "userId") WHERE "liftedAt" IS NULL;

-- A ban ends when it is lifted, a timeout by itself.
ALTER TABLE "Sanction" ADD CONSTRAINT "Sanction_until_check" CHECK ((kind = 'BAN') = (until IS NULL));
