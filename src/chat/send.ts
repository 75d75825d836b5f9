import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import { UnavailableError } from '../errors.ts';
import { Batch } from '../feed/batch.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import { idempotencyKey } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { parseInput, text } from '../input.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { ChatChanged } from './insert-messages.ts';
import type { Message } from './message.ts';
import { sendTogether } from './send-together.ts';
import type { Sending } from './sending.ts';

const sendMessage = z
  .object({ eventId: z.uuid(), text: text(1, 500), replyToId: z.uuid().nullish() })
  .and(idempotencyKey);
export type SendMessageInput = z.input<typeof sendMessage>;

/** What was sent. `message` is null when an idempotency key had been used before: then it is what it has become since. */
export interface Sent {
  messageId: string;
  message: Message | null;
}

export interface SendOptions {
  onEngaged: OnEngaged;
  largestBatch?: number;
  onBatch?: (size: number) => void;
}

/**
 * Sends a message: its row, its engagement and its fact in one transaction, together with the messages that arrive in the
 * same event meanwhile. Resolves when they are committed. Throws NotFoundError, EventNotOpenError, NotParticipantError,
 * SanctionedError, ChatModeError, BlockedWordError, SlowModeError, CapacityError (who has not joined and found no seat), InvalidInputError, IdempotencyConflictError; UnavailableError when too many wait.
 */
export function createSend(
  write: Write,
  { onEngaged, largestBatch, onBatch }: SendOptions,
): (viewer: Viewer, input: SendMessageInput) => Promise<Sent> {
  const submit = createGroupCommit<Sending, Sent>({
    largest: largestBatch,
    onBatch,
    commit: async (eventId, sendings) => {
      const { verdicts, sent } = await untilUnchanged(() =>
        write((work) => sendTogether(work, eventId, { batch: new Batch(sendings), onEngaged })),
      );
      return verdicts.map((verdict) =>
        'refusal' in verdict
          ? verdict
          : { value: { messageId: verdict.value, message: sent.get(verdict.value) ?? null } },
      );
    },
  });
  return async (viewer, raw) => {
    const { eventId, text, replyToId, idempotencyKey: key } = parseInput(sendMessage, raw);
    return submit(eventId, { viewer, eventId, text, replyToId: replyToId ?? null, key, messageId: newId() });
  };
}

/** Moderators do not change a chat faster than messages are judged; whoever meets that many changes is to try again. */
const attempts = 5;

/** Judges again what was judged by settings that hold no more. */
async function untilUnchanged<T>(judge: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await judge();
    } catch (error) {
      if (!(error instanceof ChatChanged)) throw error;
    }
  }
  throw new UnavailableError('The chat is being changed; try again.', 0);
}
