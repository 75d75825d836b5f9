-- AlterTable
ALTER TABLE "EngagementLog" ADD COLUMN     "count" INTEGER NOT NULL DEFAULT 1;
