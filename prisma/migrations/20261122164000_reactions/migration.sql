-- AlterTable
ALTER TABLE "EngagementLog" ADD COLUMN     "emoji" TEXT;

-- AlterTable
ALTER TABLE "VideoEvent" ADD COLUMN     "allowedReactions" TEXT[] DEFAULT ARRAY['❤️', '👏', '😂', '😮', '🎉', '🔥']::TEXT[];

-- CreateTable
CREATE TABLE "ReactionTally" (
    "eventId" UUID NOT NULL,
    "emoji" TEXT NOT NULL,
    "total" BIGINT NOT NULL,
    "stated" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "ReactionTally_pkey" PRIMARY KEY ("eventId","emoji")
);

-- AddForeignKey
ALTER TABLE "ReactionTally" ADD CONSTRAINT "ReactionTally_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the schema language cannot say.
ALTER TABLE "VideoEvent" ALTER COLUMN "allowedReactions" SET NOT NULL,
  ADD CONSTRAINT "VideoEvent_allowedReactions_check" CHECK (cardinality("allowedReactions") BETWEEN 1 AND 20);
ALTER TABLE "ReactionTally" ADD CONSTRAINT "ReactionTally_total_check" CHECK (total > 0),
  ADD CONSTRAINT "ReactionTally_stated_check" CHECK (stated BETWEEN 0 AND total);
-- A reaction says with what, and nothing else does.
ALTER TABLE "EngagementLog" ADD CONSTRAINT "EngagementLog_emoji_check" CHECK (("engagementType" = 'REACTION') = (emoji IS NOT NULL));
