-- DropIndex
DROP INDEX "EngagementLog_eventId_engagementTime_idx";

-- AlterTable
ALTER TABLE "EngagementLog" ADD COLUMN     "payload" JSONB;

-- CreateIndex
CREATE INDEX "EngagementLog_eventId_engagementTime_id_idx" ON "EngagementLog"("eventId", "engagementTime", "id");

-- CreateIndex
CREATE INDEX "EngagementLog_eventId_engagementType_engagementTime_id_idx" ON "EngagementLog"("eventId", "engagementType", "engagementTime", "id");

-- Names of our own are upper case; those that clients' software gives are lower case.
ALTER TABLE "EngagementLog"
  DROP CONSTRAINT "EngagementLog_type_check",
  ADD CONSTRAINT "EngagementLog_type_check" CHECK ("engagementType" ~ '^([A-Z][A-Z0-9_]{0,39}|[a-z][a-z0-9_.-]{0,49})$'),
  ADD CONSTRAINT "EngagementLog_payload_check" CHECK (jsonb_typeof("payload") = 'object');
