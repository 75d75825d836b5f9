import type { Actor } from '../actor.ts';
import type { TestServer } from '../harness.ts';
import type { Person } from './people.ts';
import type { Viewer } from './viewers.ts';

/** Everybody on a stage. */
export const roles = {
  stranger: 'PARTICIPANT',
  banned: 'PARTICIPANT',
  participant: 'PARTICIPANT',
  moderator: 'PARTICIPANT',
  host: 'HOST',
  otherHost: 'HOST',
  admin: 'ADMIN',
  author: 'PARTICIPANT',
  waiting: 'PARTICIPANT',
} as const;

export type People = Readonly<Record<keyof typeof roles, Person>>;

/** Everybody on a stage, as the tables ask for them. */
export interface Cast {
  server: TestServer;
  people: People;
  as: Readonly<Record<Viewer, Actor>>;
  /** Another participant, who moderates nothing and whom the others ask about. */
  author: Person;
}

export function castOf(server: TestServer, people: People): Cast {
  const { author, waiting, ...asking } = people;
  const as = Object.fromEntries(Object.entries(asking).map(([name, { actor }]) => [name, actor]));
  return { server, people, as: { ...(as as Record<Exclude<Viewer, 'guest'>, Actor>), guest: server.guest }, author };
}
