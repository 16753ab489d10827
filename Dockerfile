# Tandem as a service. It answers on 127.0.0.1 only, so a proxy in the same network namespace forwards to it: compose.yaml and
# deploy/kubernetes.yaml bring one. See docs/service.md.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY . .
RUN node scripts/build.mjs
# What the host runs with: no Electron, no tests, and no Node of npm's, since the image has one.
RUN npm prune --omit=dev --omit=optional --no-audit

FROM node:24-bookworm-slim
ENV NODE_ENV=production TANDEM_DATA=/data TANDEM_SECRETS=file
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/out ./out
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
# It closes within 8 seconds of SIGTERM: less than the 10 that Docker waits.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4810/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "out/main/tandem.js", "serve", "--port", "4810", "--quiet"]
