-- AlterEnum
ALTER TYPE "ModerationActionKind" ADD VALUE 'CHAT_SETTINGS_CHANGED';

-- AlterTable
ALTER TABLE "VideoEvent" ADD COLUMN     "chatClosed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "chatEmoteOnly" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "chatParticipantsOnly" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "chatRevision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "chatUnique" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "BlockedWord" (
    "eventId" UUID NOT NULL,
    "word" TEXT NOT NULL,

    CONSTRAINT "BlockedWord_pkey" PRIMARY KEY ("eventId","word")
);

-- CreateTable
CREATE TABLE "RecentText" (
    "eventId" UUID NOT NULL,
    "textHash" TEXT NOT NULL,
    "sentAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RecentText_pkey" PRIMARY KEY ("eventId","textHash")
);

-- CreateIndex
CREATE INDEX "RecentText_sentAt_idx" ON "RecentText"("sentAt");

-- AddForeignKey
ALTER TABLE "BlockedWord" ADD CONSTRAINT "BlockedWord_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RecentText" ADD CONSTRAINT "RecentText_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;
