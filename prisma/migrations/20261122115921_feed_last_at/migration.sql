-- AlterTable
ALTER TABLE "Feed" ADD COLUMN     "lastAt" TIMESTAMPTZ(3);
