import { readFile } from 'node:fs/promises';
import type { Api } from '../http/exchange.ts';

/** The files of the page, beside `dist/` and `src/`. */
const folder = new URL('../../web/', import.meta.url);

const files = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/app.js', file: 'app.js', type: 'text/javascript; charset=utf-8' },
  { path: '/style.css', file: 'style.css', type: 'text/css; charset=utf-8' },
] as const;

/** Nothing from elsewhere, nothing inline: what the page shows comes from this server alone. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The plain page with the tree, read once. */
export async function pageRoutes(api: Api): Promise<void> {
  for (const { path, file, type } of files) {
    const content = await readFile(new URL(file, folder), 'utf8');
    api.get(path, { schema: { hide: true } }, async (_request, reply) => {
      reply.type(type);
      reply.header('content-security-policy', policy);
      reply.header('cache-control', 'no-cache');
      return content;
    });
  }
}
