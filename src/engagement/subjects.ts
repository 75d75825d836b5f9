/** What kind of object an engagement of each type is about: the name of a Node. Of other types nothing is known. */
export const subjectTypes: Readonly<Record<string, string>> = {
  JOIN: 'Participant',
  MESSAGE: 'Message',
  PREDICTION: 'Prediction',
  QUESTION: 'Question',
  UPVOTE: 'Question',
  VOTE: 'Poll',
};

/** The type and id of what an engagement is about; null where it is about nothing that has an id. */
export function subjectOf({
  engagementType,
  subjectId,
}: {
  engagementType: string;
  subjectId: string | null;
}): { typename: string; id: string } | null {
  const typename = Object.hasOwn(subjectTypes, engagementType) ? subjectTypes[engagementType] : undefined;
  return typename === undefined || subjectId === null ? null : { typename, id: subjectId };
}
