import type { GraphiQLOptions } from 'graphql-yoga';

/** GraphiQL, served without a network: the page carries everything it needs. */
export const graphiqlPage = {
  options: {
    title: 'Ovation',
    // GraphiQL sends no headers over WebSocket, so its subscriptions go over SSE.
    subscriptionsProtocol: 'SSE',
  } satisfies GraphiQLOptions,
  async render(options: GraphiQLOptions): Promise<string> {
    // Nine megabytes of page: loaded when somebody first looks at it.
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    return renderGraphiQL(options);
  },
};
