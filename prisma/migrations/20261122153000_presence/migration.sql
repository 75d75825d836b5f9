-- CreateTable
CREATE TABLE "Instance" (
    "id" UUID NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Presence" (
    "participantId" UUID NOT NULL,
    "instanceId" UUID NOT NULL,
    "eventId" UUID NOT NULL,

    CONSTRAINT "Presence_pkey" PRIMARY KEY ("participantId","instanceId")
);

-- CreateIndex
CREATE INDEX "Instance_expiresAt_idx" ON "Instance"("expiresAt");

-- CreateIndex
CREATE INDEX "Presence_eventId_idx" ON "Presence"("eventId");

-- CreateIndex
CREATE INDEX "Presence_instanceId_idx" ON "Presence"("instanceId");

-- AddForeignKey
ALTER TABLE "Presence" ADD CONSTRAINT "Presence_participantId_eventId_fkey" FOREIGN KEY ("participantId", "eventId") REFERENCES "Participant"("id", "eventId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Presence" ADD CONSTRAINT "Presence_instanceId_fkey" FOREIGN KEY ("instanceId") REFERENCES "Instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;
