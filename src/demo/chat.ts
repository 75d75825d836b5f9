import type { ChatChanges } from '../chat/settings.ts';
import { quoted, type Tab } from './found.ts';
import type { Beat, Scene } from './scene.ts';

export const says =
  (username: string, text: string): Beat =>
  ({ capabilities: { chat }, eventId, person, key }) =>
    chat.send(person(username), { eventId, text, idempotencyKey: key });

export const setsUpChat =
  (username: string, changes: ChatChanges): Beat =>
  ({ capabilities: { chat }, eventId, person }) =>
    chat.changeSettings(person(username), { eventId, ...changes });

export const pinsMessage =
  (username: string, text: string): Beat =>
  async (scene) =>
    scene.capabilities.chat.pin(scene.person(username), await messageSaying(scene, text));

export const reportsMessage =
  (username: string, text: string, reason: string): Beat =>
  async (scene) => {
    const messageId = await messageSaying(scene, text);
    const { capabilities, person, key } = scene;
    return capabilities.reports.report(person(username), { messageId, reason, idempotencyKey: key });
  };

async function messageSaying({ db, eventId }: Scene, text: string): Promise<string> {
  return (await db.message.findFirstOrThrow({ where: { eventId, text }, select: { id: true } })).id;
}

export const chatTab: Tab = ({ live, message }) => `
# Say something: whoever watches gets it at
# once. And report what does not belong there.

mutation Chat {
  sendMessage(
    input: {
      eventId: ${quoted(live)}
      text: "Hello from GraphiQL!"
    }
  ) {
    __typename
    ... on SendMessagePayload {
      sentMessage { id text sentAt author { username } }
    }
    ... on Error { code message }
  }
  reportMessage(
    input: {
      messageId: ${quoted(message)}
      reason: "An advertisement"
    }
  ) {
    __typename
    ... on ReportMessagePayload { messageId }
    ... on Error { code message }
  }
}
`;
