# Afterword as an image: `docker build -t afterword .`, then `docker run --init -p 127.0.0.1:3000:3000 -v talk:/data afterword`.
# With PostgreSQL and Valkey beside it: compose.yaml. Debian, because the embedded PostgreSQL needs glibc.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm run sbom

FROM node:24-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Afterword" \
      org.opencontainers.image.description="The live discussion that any site gets with one script tag" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    AFTERWORD_DATA_DIR=/data
WORKDIR /app
# All of it belongs to root: the server can change nothing of itself.
COPY --from=modules /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY drizzle/migrations ./drizzle/migrations
COPY package.json LICENSE ./
COPY tools/afterword.mjs tools/build.mjs ./tools/
RUN install -d -o node -g node -m 0700 /data
# The user node, as a number, so that an orchestrator sees that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# Alive, not ready: a database that is away for a while is no reason to restart.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "tools/afterword.mjs"]
CMD ["start"]
