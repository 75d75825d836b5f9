-- CreateEnum
CREATE TYPE "MailTokenPurpose" AS ENUM ('PASSWORD_RESET', 'EMAIL_VERIFICATION');

-- AlterTable
ALTER TABLE "Session" ADD COLUMN     "externalKey" TEXT;

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "emailVerifiedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "MailToken" (
    "hash" TEXT NOT NULL,
    "userId" UUID NOT NULL,
    "purpose" "MailTokenPurpose" NOT NULL,
    "email" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "MailToken_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "ExternalIdentity" (
    "key" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT,
    "userId" UUID,
    "notBefore" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ExternalIdentity_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "MailToken_userId_idx" ON "MailToken"("userId");

-- CreateIndex
CREATE INDEX "MailToken_expiresAt_idx" ON "MailToken"("expiresAt");

-- CreateIndex
CREATE INDEX "ExternalIdentity_userId_idx" ON "ExternalIdentity"("userId");

-- CreateIndex
CREATE INDEX "Session_externalKey_idx" ON "Session"("externalKey");

-- AddForeignKey
ALTER TABLE "MailToken" ADD CONSTRAINT "MailToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ExternalIdentity" ADD CONSTRAINT "ExternalIdentity_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A hash, or none: an account of an external issuer has no password. Nothing else is one.
ALTER TABLE "User"
  DROP CONSTRAINT "User_password_check",
  ADD CONSTRAINT "User_password_check" CHECK ("password" LIKE '$argon2id$%' OR "password" = '');
ALTER TABLE "MailToken" ADD CONSTRAINT "MailToken_hash_check" CHECK (char_length("hash") = 43);
ALTER TABLE "ExternalIdentity" ADD CONSTRAINT "ExternalIdentity_user_check" CHECK (("subject" IS NULL) = ("userId" IS NULL));
