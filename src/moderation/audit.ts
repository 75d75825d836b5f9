import type { Transaction } from '../db/client.ts';
import type { ModerationActionKind } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';

export interface ActionDone {
  eventId: string;
  actorId: string;
  kind: ModerationActionKind;
  /** Whom it was done to. */
  userId?: string;
  messageId?: string;
  questionId?: string;
  pollId?: string;
  predictionId?: string;
  reason?: string;
}

/** Writes it down for the host and moderators to read, in the deed's own transaction. */
export async function recordAction(tx: Transaction, action: ActionDone): Promise<void> {
  const {
    eventId,
    actorId,
    kind,
    userId = null,
    messageId = null,
    questionId = null,
    pollId = null,
    predictionId = null,
    reason = null,
  } = action;
  await tx.$executeRaw`
    INSERT INTO "ModerationAction"
      (id, "eventId", "actorId", kind, "userId", "messageId", "questionId", "pollId", "predictionId", reason, "createdAt")
    VALUES (${newId()}::uuid, ${eventId}::uuid, ${actorId}::uuid, ${kind}::"ModerationActionKind", ${userId}::uuid,
      ${messageId}::uuid, ${questionId}::uuid, ${pollId}::uuid, ${predictionId}::uuid, ${reason}, clock_timestamp())`;
}
