import { type Actor, createEvent, join } from '../actor.ts';
import type { TestServer } from '../harness.ts';

/** A live event with its host, a moderator and a participant. */
export interface Stage {
  host: Actor;
  moderator: Actor;
  ada: Actor;
  eventId: string;
}

export async function setStage(server: TestServer): Promise<Stage> {
  const host = await server.signUp({ role: 'HOST' });
  const moderator = await server.signUp();
  const ada = await server.signUp();
  const eventId = await createEvent(host, 'LIVE');
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  await join(ada, eventId);
  return { host, moderator, ada, eventId };
}

/** As `mutate`, with what the errors about sanctions tell. */
export async function attempt(actor: Actor, mutation: string, input: Record<string, unknown>) {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
  const document = `mutation($input: ${type}Input!) { result: ${mutation}(input: $input) {
    __typename ... on Error { code message } ${mutation.endsWith('User') ? '... on AlreadySanctionedError { kind until reason }' : '... on SanctionedError { kind until reason }'} } }`;
  return (await actor.ask(document, { input })).result;
}

const sanction = 'sanction { kind reason until liftedAt imposedBy { id } user { id } }';

/** What is done to the participant, and what they do, on the stage of the moment. */
export function acts(stage: () => Stage) {
  return {
    timeOut(by: Actor, seconds = 60, reason?: string) {
      const { eventId, ada } = stage();
      return by.mutate('timeOutUser', { eventId, userId: ada.id, seconds, reason }, sanction);
    },
    ban(by: Actor, reason?: string) {
      const { eventId, ada } = stage();
      return by.mutate('banUser', { eventId, userId: ada.id, reason }, sanction);
    },
    say(text = 'hello') {
      const { eventId, ada } = stage();
      return attempt(ada, 'sendMessage', { eventId, text });
    },
    /** What is in force against them, as they see it. */
    async own() {
      const { eventId, ada } = stage();
      const document = 'query($id: ID!) { videoEvent(id: $id) { viewerSanction { kind reason until } } }';
      return (await ada.ask(document, { id: eventId })).videoEvent.viewerSanction;
    },
  };
}
