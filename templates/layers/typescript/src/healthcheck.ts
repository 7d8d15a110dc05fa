// What the container's HEALTHCHECK runs: an image without a shell has no curl.
const response = await fetch(
  `http://127.0.0.1:${process.env.PORT ?? '8080'}/healthz`,
  {
    signal: AbortSignal.timeout(2_000),
  },
).catch(() => undefined);
process.exitCode = response?.ok ? 0 : 1;
