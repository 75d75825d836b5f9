import type { Actor } from '../actor.ts';

const query = `query($id: ID!, $status: ReportStatus) { videoEvent(id: $id) { reportedMessages(status: $status) { edges { node {
  message { id text author { userId } } status reportCount resolution resolutionReason resolvedBy { id }
  reports(first: 10) { edges { node { reason reporter { id } } } } } } } } }`;

/** The event's reported messages, as somebody sees them. */
export async function queueOf(actor: Actor, eventId: string, status?: 'OPEN' | 'RESOLVED') {
  const { videoEvent } = await actor.ask(query, { id: eventId, status });
  return videoEvent.reportedMessages.edges.map(({ node }: { node: unknown }) => node);
}
