import type { GraphiQLOptions } from 'graphql-yoga';
import type { Events } from '../events/events.ts';
import { encodeGlobalId } from '../global-id.ts';
import { keepSession } from './graphiql-session.ts';
import { graphiqlTabs } from './graphiql-tabs.ts';

export interface GraphiqlPage {
  /** What the page starts with, made for each who opens it. */
  options(): Promise<GraphiQLOptions>;
  render(options: GraphiQLOptions): Promise<string>;
}

/** GraphiQL moves a tab away under the pointer that presses it, and so misses the first click on each. */
const style = '.graphiql-tab { transform: none !important; }';

/** GraphiQL, served without a network: the page carries everything it needs. Its tabs walk through a live event. */
export function createGraphiqlPage({ events }: { events: Pick<Events, 'list'> }): GraphiqlPage {
  return {
    async options() {
      return {
        title: 'Ovation',
        // GraphiQL sends no headers over WebSocket, so its subscriptions go over SSE.
        subscriptionsProtocol: 'SSE',
        defaultTabs: graphiqlTabs({ eventId: await someLiveEvent(events) }),
      };
    },
    async render(options) {
      // Nine megabytes of page: loaded when somebody first looks at it.
      const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
      const ours = `<style>${style}</style><script>${keepSession}</script>`;
      return renderGraphiQL(options).replace('</head>', () => `${ours}</head>`);
    },
  };
}

/** The global id of a public event that is live, for the tabs to start with; null where there is none to be had. */
async function someLiveEvent(events: Pick<Events, 'list'>): Promise<string | null> {
  const query = { take: 1, select: { id: true } };
  const live = await events
    .list(null, { filter: { statuses: ['LIVE'] }, newestFirst: true, query })
    // The page needs no database.
    .catch(() => []);
  return live[0] === undefined ? null : encodeGlobalId('VideoEvent', live[0].id);
}
