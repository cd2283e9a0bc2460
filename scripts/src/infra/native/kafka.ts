import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, isFree } from '../processes/ports.ts';
import { kafkaAnswers } from '../readiness.ts';
import type { ServerProgram } from './server-program.ts';

/** A Java runtime and the folder of Kafka's jars. */
export interface KafkaInstallation {
  readonly java: string;
  readonly jars: string;
}

const run = promisify(execFile);

/** Kafka as one node that is broker and controller (KRaft). */
export function kafkaProgram({ java, jars }: KafkaInstallation): ServerProgram {
  const classPath = join(jars, '*');
  return {
    name: 'kafka',
    graceMs: 30_000,
    prepare: async (folder, port) => {
      const properties = join(folder, 'server.properties');
      const logging = join(folder, 'log4j2.properties');
      const data = join(folder, 'data');
      await writeFile(properties, serverProperties(data, port, await controllerPort(properties)));
      await writeFile(logging, loggingProperties);
      if (!existsSync(join(data, 'meta.properties'))) {
        const clusterId = randomBytes(16).toString('base64url');
        const format = ['format', '-t', clusterId, '-c', properties];
        await run(java, ['-cp', classPath, 'kafka.tools.StorageTool', ...format]);
      }
      return {
        file: java,
        args: [
          ...['-Xms256m', '-Xmx512m', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
          ...['-Djava.awt.headless=true', `-Dlog4j2.configurationFile=${logging}`],
          ...['-cp', classPath, 'kafka.Kafka', properties],
        ],
      };
    },
    answers: (port, signal) => kafkaAnswers([kafkaBroker(port)], { withinMs: 90_000, signal }),
  };
}

export function kafkaBroker(port: number): string {
  return `127.0.0.1:${port}`;
}

/** The controller's port, which only the broker beside it uses: the one it had, or another when that is taken. */
async function controllerPort(properties: string): Promise<number> {
  const before = existsSync(properties) ? await readFile(properties, 'utf8') : '';
  const kept = Number(/^controller\.quorum\.voters=1@127\.0\.0\.1:(\d+)$/m.exec(before)?.[1]);
  return Number.isInteger(kept) && (await isFree(kept)) ? kept : await freePort();
}

function serverProperties(data: string, port: number, controller: number): string {
  return `# Written at each start.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${data.replaceAll('\\', '/')}
# Topics are made by a migration, with the number of partitions that the event store has.
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
`;
}

const loggingProperties = `rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %c{1} %m%n
logger.server.name=kafka.server
logger.server.level=info
`;
