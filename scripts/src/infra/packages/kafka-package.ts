import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, isCached } from './cache-folder.ts';
import { runTool, type Tell } from './run-tool.ts';

const kafka = '4.1.1';
const log4j = '2.24.3';
const cacheName = `kafka-${kafka}`;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>unionfold</groupId>
  <artifactId>kafka-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${kafka}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>${log4j}</version>
    </dependency>
  </dependencies>
</project>
`;

export function isKafkaCached(): boolean {
  return isCached(cacheName);
}

/**
 * The folder of Kafka's jars, from Maven Central.
 * @param tools a Java runtime to try them with, and Maven
 * @throws ToolError when they cannot be had or do not run
 */
export async function kafkaPackage(
  tools: { readonly java: string; readonly maven: string | undefined },
  tell: Tell,
): Promise<string> {
  const { java, maven } = tools;
  return await cached(cacheName, async (partial) => {
    if (maven === undefined) throw new Error('Kafka is not in the cache and there is no Maven');
    tell(`downloading Apache Kafka ${kafka} (43 MB)`);
    const file = join(partial, 'pom.xml');
    const repository = join(partial, 'repository');
    await writeFile(file, pom);
    await runTool(
      maven,
      [
        // Strict: a file whose checksum does not fit fails instead of warning.
        ...['--batch-mode', '--quiet', '--strict-checksums', '--file', file],
        ...['dependency:copy-dependencies', `-DoutputDirectory=${partial}`],
        // A repository of its own: the user's may be damaged, or in a home that cannot be written.
        `-Dmaven.repo.local=${repository}`,
        '-DincludeScope=runtime',
      ],
      { withinMs: 20 * 60_000, work: { name: 'downloading Kafka', tell } },
    );
    await rm(file);
    await rm(repository, { recursive: true });
    await runTool(java, ['-cp', join(partial, '*'), 'kafka.Kafka', '--version'], {
      withinMs: 60_000,
    });
  });
}
