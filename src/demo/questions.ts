import { quoted, type Tab } from './found.ts';
import type { Beat, Scene } from './scene.ts';

/** `wantedBy`: who upvotes it. */
export const asks =
  (username: string, text: string, { anonymous = false, wantedBy = [] as readonly string[] } = {}): Beat =>
  async (scene) => {
    const { capabilities, eventId, person, key } = scene;
    await capabilities.questions.ask(person(username), { eventId, text, anonymous, idempotencyKey: key });
    const { id, status } = await questionSaying(scene, text);
    // Nobody upvotes what was answered: in a start that was killed midway.
    if (status !== 'APPROVED') return;
    for (const other of wantedBy) await capabilities.questions.upvote(person(other), id);
  };

export const answers =
  (username: string, text: string, answer: string): Beat =>
  async (scene) => {
    const { id, status } = await questionSaying(scene, text);
    if (status === 'ANSWERED') return;
    await scene.capabilities.questions.answer(scene.person(username), { questionId: id, answer });
  };

export const pinsQuestion =
  (username: string, text: string): Beat =>
  async (scene) =>
    scene.capabilities.questions.pin(scene.person(username), (await questionSaying(scene, text)).id);

const questionSaying = ({ db, eventId }: Scene, text: string) =>
  db.question.findFirstOrThrow({ where: { eventId, text }, select: { id: true, status: true } });

export const askTab: Tab = ({ live, question }) => `
# Ask those on stage, and upvote what you want
# answered, too. With anonymous: true others do
# not learn who asked.

mutation Ask {
  askQuestion(
    input: {
      eventId: ${quoted(live)}
      text: "Which synthesizer was your first?"
      anonymous: false
    }
  ) {
    __typename
    ... on AskQuestionPayload { question { id text status } }
    ... on Error { code message }
  }
  upvoteQuestion(input: { questionId: ${quoted(question)} }) {
    __typename
    ... on UpvoteQuestionPayload {
      question { text votes viewerUpvoted }
    }
    ... on Error { code message }
  }
}
`;
