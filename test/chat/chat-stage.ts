import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent } from '../actor.ts';
import { createPeople } from '../authorisation/people.ts';
import type { TestServer } from '../harness.ts';

/** A live event with its host, a moderator, two who joined, and one who did not. */
export async function setChat(server: TestServer, input: Record<string, unknown> = {}) {
  const people = await createPeople(server, {
    host: 'HOST',
    moderator: 'PARTICIPANT',
    ada: 'PARTICIPANT',
    bob: 'PARTICIPANT',
    stranger: 'PARTICIPANT',
    admin: 'ADMIN',
  });
  const host = people.host.actor;
  const eventId = await createEvent(host, 'LIVE', input);
  const { id } = decodeGlobalId(eventId);
  const { participation, moderation } = server.app.capabilities;
  await moderation.appoint(people.host.viewer, { eventId: id, userId: people.moderator.viewer.id });
  for (const name of ['moderator', 'ada', 'bob'] as const)
    await participation.join(people[name].viewer, { eventId: id });
  return {
    eventId,
    /** The event's id in the database. */
    id,
    people,
    host,
    moderator: people.moderator.actor,
    ada: people.ada.actor,
    bob: people.bob.actor,
    stranger: people.stranger.actor,
    admin: people.admin.actor,
    set: (changes: Record<string, unknown>, by: Actor = host) =>
      by.mutate('updateChatSettings', { eventId, ...changes }, 'videoEvent { id }'),
    say: (by: Actor, text: string) => sayIn(eventId, by, text),
  };
}

const sendMessage = `mutation($input: SendMessageInput!) { result: sendMessage(input: $input) {
  __typename ... on SendMessagePayload { sentMessage { id } } ... on Error { code message }
  ... on ChatModeError { mode retryAfterMs } ... on SlowModeError { retryAfterMs } ... on CapacityError { capacity } } }`;

async function sayIn(eventId: string, by: Actor, text: string) {
  return (await by.ask(sendMessage, { input: { eventId, text } })).result;
}
