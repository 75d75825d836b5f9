-- CreateTable
CREATE TABLE "ViewerSample" (
    "eventId" UUID NOT NULL,
    "sampledAt" TIMESTAMPTZ(3) NOT NULL,
    "viewers" INTEGER NOT NULL,

    CONSTRAINT "ViewerSample_pkey" PRIMARY KEY ("eventId","sampledAt")
);

-- CreateTable
CREATE TABLE "Attendance" (
    "participantId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "secondsWatched" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Attendance_pkey" PRIMARY KEY ("participantId")
);

-- CreateIndex
CREATE INDEX "Attendance_eventId_lastSeenAt_idx" ON "Attendance"("eventId", "lastSeenAt");

-- CreateIndex
CREATE UNIQUE INDEX "Attendance_participantId_eventId_key" ON "Attendance"("participantId", "eventId");

-- AddForeignKey
ALTER TABLE "ViewerSample" ADD CONSTRAINT "ViewerSample_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Attendance" ADD CONSTRAINT "Attendance_participantId_eventId_fkey" FOREIGN KEY ("participantId", "eventId") REFERENCES "Participant"("id", "eventId") ON DELETE CASCADE ON UPDATE CASCADE;
