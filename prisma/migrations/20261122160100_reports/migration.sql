-- AlterEnum
ALTER TYPE "ModerationActionKind" ADD VALUE 'REPORTS_RESOLVED';

-- CreateEnum
CREATE TYPE "ReportStatus" AS ENUM ('OPEN', 'RESOLVED');

-- CreateEnum
CREATE TYPE "ReportResolution" AS ENUM ('REMOVED', 'DISMISSED');

-- CreateTable
CREATE TABLE "ReportedMessage" (
    "messageId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "status" "ReportStatus" NOT NULL DEFAULT 'OPEN',
    "reportCount" INTEGER NOT NULL,
    "firstReportedAt" TIMESTAMPTZ(3) NOT NULL,
    "resolution" "ReportResolution",
    "resolutionReason" TEXT,
    "resolvedById" UUID,
    "resolvedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ReportedMessage_pkey" PRIMARY KEY ("messageId")
);

-- CreateTable
CREATE TABLE "MessageReport" (
    "id" UUID NOT NULL,
    "messageId" UUID NOT NULL,
    "reporterId" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MessageReport_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ReportedMessage_eventId_status_firstReportedAt_messageId_idx" ON "ReportedMessage"("eventId", "status", "firstReportedAt", "messageId");

-- CreateIndex
CREATE INDEX "ReportedMessage_resolvedById_idx" ON "ReportedMessage"("resolvedById");

-- CreateIndex
CREATE INDEX "MessageReport_reporterId_idx" ON "MessageReport"("reporterId");

-- CreateIndex
CREATE UNIQUE INDEX "MessageReport_messageId_reporterId_key" ON "MessageReport"("messageId", "reporterId");

-- AddForeignKey
ALTER TABLE "ReportedMessage" ADD CONSTRAINT "ReportedMessage_messageId_fkey" FOREIGN KEY ("messageId") REFERENCES "Message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ReportedMessage" ADD CONSTRAINT "ReportedMessage_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ReportedMessage" ADD CONSTRAINT "ReportedMessage_resolvedById_fkey" FOREIGN KEY ("resolvedById") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MessageReport" ADD CONSTRAINT "MessageReport_messageId_fkey" FOREIGN KEY ("messageId") REFERENCES "ReportedMessage"("messageId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MessageReport" ADD CONSTRAINT "MessageReport_reporterId_fkey" FOREIGN KEY ("reporterId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Resolved is what somebody resolved somehow, and open what nobody did.
ALTER TABLE "ReportedMessage" ADD CONSTRAINT "ReportedMessage_resolved_check" CHECK (
  CASE status WHEN 'RESOLVED' THEN num_nulls(resolution, "resolvedById", "resolvedAt") = 0
  ELSE num_nonnulls(resolution, "resolutionReason", "resolvedById", "resolvedAt") = 0 END);

ALTER TABLE "ReportedMessage" ADD CONSTRAINT "ReportedMessage_reportCount_check" CHECK ("reportCount" > 0);
