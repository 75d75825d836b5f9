-- CreateEnum
CREATE TYPE "WaitlistStatus" AS ENUM ('WAITING', 'OFFERED', 'ACCEPTED', 'EXPIRED', 'CANCELLED');

-- AlterTable
ALTER TABLE "VideoEvent" ADD COLUMN     "seatsOffered" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "WaitlistEntry" (
    "eventId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "status" "WaitlistStatus" NOT NULL,
    "turn" BIGSERIAL NOT NULL,
    "waitingSince" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "offeredUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WaitlistEntry_pkey" PRIMARY KEY ("eventId","userId")
);

-- CreateIndex
CREATE INDEX "WaitlistEntry_eventId_status_turn_idx" ON "WaitlistEntry"("eventId", "status", "turn");

-- CreateIndex
CREATE INDEX "WaitlistEntry_userId_idx" ON "WaitlistEntry"("userId");

-- AddForeignKey
ALTER TABLE "WaitlistEntry" ADD CONSTRAINT "WaitlistEntry_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WaitlistEntry" ADD CONSTRAINT "WaitlistEntry_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.

-- A seat that is offered is nobody else's.
ALTER TABLE "VideoEvent" DROP CONSTRAINT "VideoEvent_seats_check";
ALTER TABLE "VideoEvent"
  ADD CONSTRAINT "VideoEvent_seats_check" CHECK ("seatsTaken" >= 0 AND "seatsOffered" >= 0 AND ("capacity" IS NULL OR "seatsTaken" + "seatsOffered" <= "capacity"));

ALTER TABLE "WaitlistEntry"
  ADD CONSTRAINT "WaitlistEntry_offer_check" CHECK (("status" <> 'WAITING' OR "offeredUntil" IS NULL) AND ("status" NOT IN ('OFFERED', 'EXPIRED') OR "offeredUntil" IS NOT NULL));
