import type { IncomingHttpHeaders } from 'node:http2';
import { Metadata } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallOrigin, fromMetadata, toMetadata } from './call-origin.ts';

const newId = () => 'new';

describe('The origin of a call', () => {
  it('arrives as it was sent, whatever its texts are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', ' ', ' a ', '%', '%41', 'a b', '工会干部', '\n', 'a\u0000'),
    );
    const origin: fc.Arbitrary<CallOrigin> = fc.record(
      {
        actor: text,
        correlationId: text,
        causationId: text,
        idempotencyKey: text,
        traceparent: text,
      },
      { requiredKeys: ['actor', 'correlationId'] },
    );
    fc.assert(
      fc.property(origin, (sent) => {
        // As it goes over the wire.
        const headers = toMetadata(sent).toHttp2Headers() as IncomingHttpHeaders;
        const wire = Metadata.fromHttp2Headers(headers);
        expect(fromMetadata(wire, newId)).toEqual(sent);
      }),
    );
  });

  it('carries a trace context as others write it', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const metadata = toMetadata({ actor: 'a', correlationId: 'c', traceparent });
    expect(metadata.get('traceparent')).toEqual([traceparent]);
  });

  it('of a call without one is anonymous, with a new correlation', () => {
    expect(fromMetadata(new Metadata(), newId)).toEqual({
      actor: 'anonymous',
      correlationId: 'new',
    });
  });

  it('takes the percent sign of another client as it is', () => {
    const metadata = new Metadata();
    metadata.set('unionfold-actor', '100%');
    expect(fromMetadata(metadata, newId).actor).toBe('100%');
  });
});
