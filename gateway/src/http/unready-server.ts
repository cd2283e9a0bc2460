import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { contentLanguages, localeOf } from './locale.ts';
import { problemMediaType, problemOf } from './problem-document.ts';

/** An HTTP server for the time in which the gateway waits for its stores: alive, not ready, and all else unavailable. */
export function unreadyHttpServer(): Server {
  return createServer((request, response) => {
    request.resume();
    // Who asks next may find the gateway itself, over a new connection.
    response.setHeader('connection', 'close');
    const [instance = '/'] = (request.url ?? '/').split('?', 1);
    const answer = (status: number, mediaType: string, body: unknown) => {
      response.writeHead(status, { 'content-type': mediaType }).end(JSON.stringify(body));
    };
    if (instance === '/healthz') {
      answer(200, 'application/json', { status: 'alive' });
    } else if (instance === '/readyz') {
      const part = { part: 'stores', ready: false, detail: 'waiting for them' };
      answer(503, 'application/json', { ready: false, parts: [part] });
    } else {
      const locale = localeOf(request.headers['accept-language']);
      response.setHeader('content-language', contentLanguages[locale]);
      response.setHeader('retry-after', '1');
      const telling = { locale, instance, correlationId: randomUUID().replaceAll('-', '') };
      const refusal = { refused: 'service-unavailable', params: { service: 'gateway' } };
      answer(503, problemMediaType, problemOf(refusal, telling));
    }
  });
}
