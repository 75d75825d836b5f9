import { builder } from '../builder.ts';
import { User } from './user-schema.ts';

builder.prismaObjectField(User, 'feedCursor', (t) =>
  t.string({
    nullable: true,
    select: { id: true },
    description:
      "Where the viewer's own feed stands: subscribe to `myFeed` with `after` this. Null for anybody else's account.",
    resolve: ({ id }, _args, { viewer, ownFeed }) => (viewer?.id === id ? ownFeed.cursor(viewer) : null),
  }),
);
