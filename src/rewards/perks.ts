import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { parseInput, text } from '../input.ts';
import { perkBounds, perkText } from './perk-rules.ts';

const within = ({ least, most }: { least: number; most: number }) =>
  z
    .int()
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` });

const fields = {
  title: text(1, perkText.title),
  description: text(0, perkText.description),
  cost: within(perkBounds.cost),
  stock: within(perkBounds.stock).nullish(),
  cooldownSeconds: within(perkBounds.cooldownSeconds),
  maxPerEvent: within(perkBounds.perEvent).nullish(),
  maxPerUser: within(perkBounds.perEvent).nullish(),
};

const newPerk = z
  .object({
    ...fields,
    description: fields.description.nullish().transform((value) => value ?? ''),
    cooldownSeconds: fields.cooldownSeconds.nullish().transform((value) => value ?? 0),
  })
  .and(idempotencyKey);
export type NewPerk = z.input<typeof newPerk>;

/** `null` for what always has a value counts as not given. */
const kept = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);

/** Absent: stays as it is. `null` takes a limit away. */
const perkChanges = z.object({
  ...fields,
  title: kept(fields.title),
  description: kept(fields.description),
  cost: kept(fields.cost),
  cooldownSeconds: kept(fields.cooldownSeconds),
});
export type PerkChanges = z.input<typeof perkChanges>;

/** What a host offers for points. Others than the host and admins get ForbiddenError. */
export interface Perks {
  /** For hosts and admins. Throws ForbiddenError, InvalidInputError, IdempotencyConflictError. */
  createPerk(viewer: Viewer, input: NewPerk): Promise<{ perkId: string }>;
  /** What was redeemed before keeps its price. Throws NotFoundError (also once archived), ForbiddenError, InvalidInputError. */
  updatePerk(viewer: Viewer, input: PerkChanges & { perkId: string }): Promise<{ perkId: string }>;
  /** Nobody redeems it any more; one that is archived stays so. Throws NotFoundError, ForbiddenError. */
  archivePerk(viewer: Viewer, perkId: string): Promise<{ perkId: string }>;
}

export function createPerks({ write, db }: { write: Write; db: Db }): Perks {
  return {
    createPerk(viewer, raw) {
      if (viewer.role === 'PARTICIPANT') throw new ForbiddenError('Only hosts offer perks.');
      const { idempotencyKey: key, ...data } = parseInput(newPerk, raw);
      return write(async ({ tx }) => {
        const request = { userId: viewer.id, key, operation: 'createPerk', input: data };
        const perkId = await once(tx, request, () => create(tx, { ...data, hostId: viewer.id }));
        return { perkId };
      });
    },
    updatePerk(viewer, { perkId, ...raw }) {
      const data = parseInput(perkChanges, raw);
      return write(async ({ tx }) => {
        await own(tx, viewer, perkId);
        const { count } = await tx.perk.updateMany({ where: { id: perkId, archivedAt: null }, data });
        if (count === 0) throw new NotFoundError('Perk');
        return { perkId };
      });
    },
    async archivePerk(viewer, perkId) {
      await own(db, viewer, perkId);
      await db.$executeRaw`
        UPDATE "Perk" SET "archivedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
        WHERE id = ${perkId}::uuid AND "archivedAt" IS NULL`;
      return { perkId };
    },
  };
}

type Data = Omit<z.output<typeof newPerk>, 'idempotencyKey'> & { hostId: string };

async function create(tx: Transaction, data: Data): Promise<string> {
  const { id } = await tx.perk.create({ data, select: { id: true } });
  return id;
}

/** Everybody may know of a perk; only its host and admins change it. */
async function own(db: Db | Transaction, viewer: Viewer, perkId: string): Promise<void> {
  const perk = await db.perk.findUnique({ where: { id: perkId }, select: { hostId: true } });
  if (perk === null) throw new NotFoundError('Perk');
  if (perk.hostId !== viewer.id && viewer.role !== 'ADMIN')
    throw new ForbiddenError('Only the host changes what they offer.');
}
