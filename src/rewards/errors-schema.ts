import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { InsufficientPointsError, PerkUnavailableError, RedemptionSettledError } from './errors.ts';
import type { PerkRefusal } from './perk-rules.ts';
import { RedemptionStatusType } from './redemption-schema.ts';

const PerkRefusalType = builder.enumType('PerkRefusal', {
  description: 'Why a perk cannot be had now.',
  values: {
    ARCHIVED: { description: 'The host took it off the list.' },
    OUT_OF_STOCK: { description: 'None is left.' },
    COOLDOWN: { description: 'Somebody took one a moment ago: wait for `retryAfterMs`.' },
    MAX_PER_EVENT: { description: 'The event has had all of it.' },
    MAX_PER_USER: { description: 'The viewer has had all of theirs in this event.' },
  } satisfies Record<PerkRefusal, { description: string }>,
});

builder.objectType(PerkUnavailableError, {
  ...errorType('PerkUnavailableError', 'PERK_UNAVAILABLE'),
  fields: (t) => ({
    perkRefusal: t.field({ type: PerkRefusalType, description: 'Why.', resolve: ({ perkRefusal }) => perkRefusal }),
    retryAfterMs: t.int({
      nullable: true,
      description: 'Milliseconds until it can be had; null: waiting does not help.',
      resolve: ({ retryAfterMs }) => retryAfterMs,
    }),
  }),
});

builder.objectType(RedemptionSettledError, {
  ...errorType('RedemptionSettledError', 'REDEMPTION_SETTLED'),
  fields: (t) => ({
    redemptionStatus: t.field({
      type: RedemptionStatusType,
      description: 'What became of it.',
      resolve: ({ redemptionStatus }) => redemptionStatus,
    }),
  }),
});

builder.objectType(InsufficientPointsError, {
  ...errorType('InsufficientPointsError', 'INSUFFICIENT_POINTS'),
  fields: (t) => ({ balance: t.expose('balance', { type: 'SafeInt', description: 'Points that the wallet holds.' }) }),
});
