-- CreateEnum
CREATE TYPE "RewardKind" AS ENUM ('GRANTED', 'REVOKED', 'SPENT', 'REFUNDED');

-- AlterTable
ALTER TABLE "Reward" ADD COLUMN     "actorId" UUID,
ADD COLUMN     "eventId" UUID NOT NULL,
ADD COLUMN     "hostId" UUID NOT NULL,
ADD COLUMN     "kind" "RewardKind" NOT NULL,
ADD COLUMN     "reason" TEXT,
ADD COLUMN     "source" TEXT NOT NULL,
ADD COLUMN     "walletId" UUID NOT NULL;

-- CreateTable
CREATE TABLE "Wallet" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "hostId" UUID NOT NULL,
    "balance" BIGINT NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Wallet_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Wallet_hostId_idx" ON "Wallet"("hostId");

-- CreateIndex
CREATE UNIQUE INDEX "Wallet_userId_hostId_key" ON "Wallet"("userId", "hostId");

-- CreateIndex
CREATE UNIQUE INDEX "Wallet_id_userId_hostId_key" ON "Wallet"("id", "userId", "hostId");

-- CreateIndex
CREATE UNIQUE INDEX "Reward_source_key" ON "Reward"("source");

-- CreateIndex
CREATE INDEX "Reward_walletId_timestamp_idx" ON "Reward"("walletId", "timestamp");

-- CreateIndex
CREATE INDEX "Reward_eventId_timestamp_idx" ON "Reward"("eventId", "timestamp");

-- CreateIndex
CREATE INDEX "Reward_actorId_idx" ON "Reward"("actorId");

-- AddForeignKey
ALTER TABLE "Wallet" ADD CONSTRAINT "Wallet_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Wallet" ADD CONSTRAINT "Wallet_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Reward" ADD CONSTRAINT "Reward_walletId_userId_hostId_fkey" FOREIGN KEY ("walletId", "userId", "hostId") REFERENCES "Wallet"("id", "userId", "hostId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Reward" ADD CONSTRAINT "Reward_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "VideoEvent"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Reward" ADD CONSTRAINT "Reward_actorId_fkey" FOREIGN KEY ("actorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Wallet" ADD CONSTRAINT "Wallet_balance_check" CHECK ("balance" >= 0);
ALTER TABLE "Wallet" ADD CONSTRAINT "Wallet_host_check" CHECK ("userId" <> "hostId");

-- The ledger only grows.
CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger of rewards only grows: % is refused', TG_OP;
END
$$;
CREATE TRIGGER "Reward_only_grows" BEFORE UPDATE OR DELETE OR TRUNCATE ON "Reward"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();
