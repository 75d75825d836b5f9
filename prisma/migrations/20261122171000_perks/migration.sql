-- CreateEnum
CREATE TYPE "RedemptionStatus" AS ENUM ('UNFULFILLED', 'FULFILLED', 'CANCELLED');

-- CreateTable
CREATE TABLE "Perk" (
    "id" UUID NOT NULL,
    "hostId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "cost" INTEGER NOT NULL,
    "stock" INTEGER,
    "cooldownSeconds" INTEGER NOT NULL DEFAULT 0,
    "maxPerEvent" INTEGER,
    "maxPerUser" INTEGER,
    "lastRedeemedAt" TIMESTAMPTZ(3),
    "archivedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Perk_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Redemption" (
    "id" UUID NOT NULL,
    "perkId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "points" INTEGER NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "status" "RedemptionStatus" NOT NULL DEFAULT 'UNFULFILLED',
    "redeemedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settledAt" TIMESTAMPTZ(3),

    CONSTRAINT "Redemption_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Perk_hostId_createdAt_id_idx" ON "Perk"("hostId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Redemption_perkId_eventId_userId_idx" ON "Redemption"("perkId", "eventId", "userId");

-- CreateIndex
CREATE INDEX "Redemption_eventId_redeemedAt_id_idx" ON "Redemption"("eventId", "redeemedAt", "id");

-- CreateIndex
CREATE INDEX "Redemption_userId_redeemedAt_id_idx" ON "Redemption"("userId", "redeemedAt", "id");

-- CreateIndex
CREATE INDEX "Redemption_participantId_idx" ON "Redemption"("participantId");

-- AddForeignKey
ALTER TABLE "Perk" ADD CONSTRAINT "Perk_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Redemption" ADD CONSTRAINT "Redemption_perkId_fkey" FOREIGN KEY ("perkId") REFERENCES "Perk"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Redemption" ADD CONSTRAINT "Redemption_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Redemption" ADD CONSTRAINT "Redemption_participantId_eventId_fkey" FOREIGN KEY ("participantId", "eventId") REFERENCES "Participant"("id", "eventId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Redemption" ADD CONSTRAINT "Redemption_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Perk" ADD CONSTRAINT "Perk_cost_check" CHECK ("cost" > 0);
-- What is refused at the last moment is refused here.
ALTER TABLE "Perk" ADD CONSTRAINT "Perk_stock_check" CHECK ("stock" >= 0);
