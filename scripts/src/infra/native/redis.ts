import { redisAnswers } from '../readiness.ts';
import type { ServerProgram } from './server-program.ts';

/** Redis with its append-only file; its memory is bounded as in infra/docker-compose.yml. */
export function redisProgram(redisServer: string): ServerProgram {
  return {
    name: 'redis',
    graceMs: 10_000,
    prepare: async (folder, port) => ({
      file: redisServer,
      args: [
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
        ...['--appendonly', 'yes', '--save', ''],
        ...['--maxmemory', '256mb', '--maxmemory-policy', 'volatile-ttl'],
      ],
    }),
    answers: (port, signal) => redisAnswers(redisUrl(port), { withinMs: 30_000, signal }),
  };
}

export function redisUrl(port: number): string {
  return `redis://127.0.0.1:${port}`;
}
