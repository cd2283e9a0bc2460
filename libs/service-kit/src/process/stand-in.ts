import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

/** Answers at an address until whoever belongs there can: that it is not ready. */
export interface StandIn {
  /** Starts answering, unless it does so already. */
  start(): Promise<void>;
  /** Gives the address free. */
  giveWay(): Promise<void>;
}

/** What {@link standIn} needs of a server. */
export interface StandInServer {
  listen(port: number, host: string, listening: () => void): unknown;
  once(event: 'error', listener: (error: Error) => void): unknown;
  /** Calls back when the address is free. */
  close(closed: () => void): unknown;
}

/**
 * A stand-in at an address.
 * @param makeServer a server that listens nowhere yet
 * @param port 0 for none: nobody knows where to ask
 */
export function standIn(host: string, port: number, makeServer: () => StandInServer): StandIn {
  let running: StandInServer | undefined;
  return {
    start: async () => {
      if (running !== undefined || port === 0) return;
      const server = makeServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      running = server;
    },
    giveWay: async () => {
      const server = running;
      running = undefined;
      if (server !== undefined) await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

const healthCheckPath = '/grpc.health.v1.Health/Check';
/** A message of one field, 1: status, with the value 2: NOT_SERVING (grpc.health.v1), uncompressed, 2 bytes. */
const notServing = Buffer.from([0, 0, 0, 0, 2, 0x08, 2]);
/** UNAVAILABLE: callers try again. */
const unavailable = { 'grpc-status': '14', 'grpc-message': 'it waits for its stores' } as const;
const grpcResponse = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;

/**
 * A gRPC server without services: health checks are answered NOT_SERVING, and calls UNAVAILABLE. A server of grpc-js
 * answers UNIMPLEMENTED where it has no service (yet), which tells callers not to try again.
 */
export function unreadyRpcServer(): StandInServer {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    stream.resume();
    if (headers[':path'] === healthCheckPath) answerHealthCheck(stream);
    else stream.respond({ ...grpcResponse, ...unavailable }, { endStream: true });
  });
  return {
    listen: (port, host, listening) => server.listen(port, host, listening),
    once: (event, listener) => server.once(event, listener),
    close: (closed) => {
      server.close(closed);
      // Callers keep their connections open; they are to find who comes next.
      for (const session of sessions) session.destroy();
    },
  };
}

function answerHealthCheck(stream: ServerHttp2Stream): void {
  stream.respond(grpcResponse, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(notServing);
}
