import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { EngagementLog } from './log-schema.ts';

const LogEngagementInput = builder.inputType('LogEngagementInput', {
  description: 'Something the viewer did that Ovation knows nothing about: a quiz answered, a song skipped.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    engagementType: t.string({
      required: true,
      description:
        'Its name, yours to choose: a lower-case letter, then lower-case letters, digits, `_`, `.` and `-`; at most 50 characters (`song.skipped`).',
    }),
    payload: t.field({
      type: 'JSONObject',
      description:
        'What there is to say about it: at most 1,024 bytes as JSON, and 4 objects and lists within one another.',
    }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h: the first engagement again.',
    }),
  }),
});

const LogEngagementPayload = builder.objectRef<{ engagementId: string }>('LogEngagementPayload').implement({
  description: 'The engagement is written down.',
  fields: (t) => ({
    engagement: t.prismaField({
      type: EngagementLog,
      description: 'The engagement.',
      resolve: async (query, { engagementId }, _args, { engagement, viewer }) => {
        const found = await engagement.find(viewer, engagementId, query);
        if (found === null) throw new NotFoundError('Engagement');
        return found;
      },
    }),
  }),
});

builder.mutationField('logEngagement', (t) =>
  t.field({
    type: LogEngagementPayload,
    description:
      'Writes down an engagement of your own type, of the viewer in an event they have joined. It counts in analytics and is there to be read and exported; nobody is told of it live. At most 60 a minute.',
    authScopes: { signedIn: true },
    extensions: { rateLimit: 'engagement' },
    args: { input: t.arg({ type: LogEngagementInput, required: true, description: 'What was done.' }) },
    errors: {
      types: [
        NotFoundError,
        InvalidInputError,
        EventNotOpenError,
        NotParticipantError,
        SanctionedError,
        IdempotencyConflictError,
      ],
    },
    resolve: async (_root, { input }, { engagement, viewer }) => ({
      engagementId: await engagement.log(signedIn(viewer), { ...input, eventId: input.eventId.id }),
    }),
  }),
);
