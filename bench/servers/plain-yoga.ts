import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';
import { Pool } from 'pg';
import { answer, memory, usage } from '../../test/child.ts';

// GraphQL Yoga with resolvers that each send one statement written by hand: what a careful team would build for these reads and
// nothing else. No limits, no visibility, no paging.
const pool = new Pool({ connectionString: process.env.DATABASE_URL ?? '', max: 10 });
const edges = <T>(rows: readonly T[]) => ({ edges: rows.map((node) => ({ node })) });

const yoga = createYoga({
  schema: createSchema({
    typeDefs: `
      type User { id: ID!, username: String!, displayName: String!, avatarUrl: String }
      type Message { id: ID!, text: String!, sequence: Int!, sentAt: String!, author: User! }
      type MessageEdge { node: Message! }
      type MessageConnection { edges: [MessageEdge!]! }
      type VideoEvent { id: ID!, title: String!, status: String!, scheduledAt: String!, host: User!, messages(last: Int!): MessageConnection! }
      type VideoEventEdge { node: VideoEvent! }
      type VideoEventConnection { edges: [VideoEventEdge!]! }
      type Query { videoEvents(first: Int!): VideoEventConnection!, videoEvent(id: ID!): VideoEvent }`,
    resolvers: {
      Query: {
        videoEvents: async (_root: unknown, { first }: { first: number }) => {
          const { rows } = await pool.query(
            `SELECT e.id, e.title, e.status, e."scheduledAt", json_build_object('id', u.id, 'username', u.username,
               'displayName', u."displayName", 'avatarUrl', u."avatarUrl") AS host
             FROM "VideoEvent" e JOIN "User" u ON u.id = e."hostId"
             WHERE e.visibility = 'PUBLIC' AND e.status <> 'DRAFT' ORDER BY e."scheduledAt", e.id LIMIT $1`,
            [first],
          );
          return edges(rows);
        },
        videoEvent: async (_root: unknown, { id }: { id: string }) => {
          const { rows } = await pool.query('SELECT id, title, status, "scheduledAt" FROM "VideoEvent" WHERE id = $1', [
            id,
          ]);
          return rows[0];
        },
      },
      VideoEvent: {
        messages: async ({ id }: { id: string }, { last }: { last: number }) => {
          const { rows } = await pool.query(
            `SELECT m.id, m.text, m.sequence, m."createdAt" AS "sentAt", json_build_object('id', u.id, 'username', u.username,
               'displayName', u."displayName", 'avatarUrl', u."avatarUrl") AS author
             FROM "Message" m JOIN "User" u ON u.id = m."authorId" WHERE m."eventId" = $1 ORDER BY m.sequence DESC LIMIT $2`,
            [id, last],
          );
          return edges(rows.reverse());
        },
      },
    },
  }),
  logging: false,
});
const http = createServer(yoga);
await once(http.listen(0, '127.0.0.1'), 'listening');
answer({ url: () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`, usage, memory });
