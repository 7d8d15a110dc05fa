import { createLog } from './log.ts';
import { startService } from './service.ts';

const now = () => new Date();
const log = createLog(line => process.stdout.write(line), now);

try {
  const service = await startService({
    name: '${{ values.name }}',
    environment: process.env,
    log,
    now,
  });
  log('info', 'listening', { port: service.port });
  const stop = (signal: string) => {
    log('info', 'stopping', { signal });
    void service.stop().then(() => log('info', 'stopped'));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  log('error', error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
