import { join } from 'node:path';
import { kafkaProgram } from '../native/kafka.ts';
import { type MongodInstallation, mongodbProgram } from '../native/mongodb.ts';
import { redisProgram } from '../native/redis.ts';
import type { ServerName, ServerProgram } from '../native/server-program.ts';
import { canInstallDebianPackages, installDebianPackages } from './debian-packages.ts';
import { isKafkaCached, kafkaPackage } from './kafka-package.ts';
import {
  hasMongodPackage,
  isMongodCached,
  mongodPackage,
  mongodVersion,
} from './mongod-package.ts';
import { onPath, runTool, type Tell } from './run-tool.ts';

/** Something has to be installed by hand; the message says what. */
export class MissingToolsError extends Error {
  override readonly name = 'MissingToolsError';
}

/** A program of the machine that is needed, and where it comes from. */
interface Tool {
  readonly what: string;
  readonly debianPackages: readonly string[];
  find(): Promise<string | undefined>;
}

const leastJava = 17;
const leastMongod = 6;

const java: Tool = {
  what: `a Java runtime, version ${leastJava} or later (java on the PATH or JAVA_HOME), for Kafka`,
  debianPackages: ['default-jre-headless'],
  find: async () => {
    const home = process.env['JAVA_HOME'];
    for (const file of [home && join(home, 'bin', 'java'), await onPath('java')]) {
      if (file && (await javaVersion(file)) >= leastJava) return file;
    }
    return undefined;
  },
};

const maven: Tool = {
  what: 'Maven (mvn on the PATH), to download Kafka',
  debianPackages: ['maven'],
  find: () => onPath('mvn'),
};

const python: Tool = {
  what: 'Python 3 with pip (python3 -m pip), to download MongoDB',
  debianPackages: ['python3', 'python3-pip'],
  find: async () => {
    const file = await onPath('python3');
    return file !== undefined && (await succeeds(file, ['-m', 'pip', '--version']))
      ? file
      : undefined;
  },
};

const redisServer: Tool = {
  what: 'Redis 7 (redis-server on the PATH)',
  debianPackages: ['redis-server'],
  find: () => onPath('redis-server'),
};

/**
 * The three servers as programs of this machine; what is missing is downloaded into the cache or installed from the
 * distribution's packages.
 * @throws MissingToolsError when something is missing that cannot be installed without the user
 * @throws ToolError when a download fails
 */
export async function nativePrograms(tell: Tell): Promise<Record<ServerName, ServerProgram>> {
  const mongod = await systemMongod();
  if (mongod === undefined && !hasMongodPackage()) {
    throw new MissingToolsError(
      `missing: mongod, version ${leastMongod} or later, on the PATH (there is no package of it for this machine)\n${otherWay}`,
    );
  }
  const needsMaven = !isKafkaCached();
  const needsPython = mongod === undefined && !isMongodCached();
  const found = await findOrInstall(
    [java, redisServer, ...(needsMaven ? [maven] : []), ...(needsPython ? [python] : [])],
    tell,
  );
  const [jars, installation] = await Promise.all([
    kafkaPackage({ java: found(java), maven: needsMaven ? found(maven) : undefined }, tell),
    mongod ?? mongodPackage(needsPython ? found(python) : undefined, tell),
  ]);
  return {
    mongodb: mongodbProgram(installation),
    kafka: kafkaProgram({ java: found(java), jars }),
    redis: redisProgram(found(redisServer)),
  };
}

const otherWay = 'Or start a Docker engine: then everything runs from infra/docker-compose.yml.';

/** Where each tool is; those not there are installed, all at once. */
async function findOrInstall(tools: readonly Tool[], tell: Tell): Promise<(tool: Tool) => string> {
  const files = new Map<Tool, string>();
  const look = async (): Promise<Tool[]> => {
    for (const tool of tools) {
      const file = await tool.find();
      if (file !== undefined) files.set(tool, file);
    }
    return tools.filter((tool) => !files.has(tool));
  };
  let missing = await look();
  if (missing.length > 0 && (await canInstallDebianPackages())) {
    await installDebianPackages([...new Set(missing.flatMap((tool) => tool.debianPackages))], tell);
    missing = await look();
  }
  if (missing.length > 0) {
    const names = [...new Set(missing.flatMap((tool) => tool.debianPackages))].join(' ');
    throw new MissingToolsError(
      [
        ...missing.map((tool) => `missing: ${tool.what}`),
        `On Debian and Ubuntu: apt-get install ${names} (as root this is done by itself).`,
        otherWay,
      ].join('\n'),
    );
  }
  return (tool) => {
    const file = files.get(tool);
    if (file === undefined) throw new Error(`${tool.what} was not looked for`);
    return file;
  };
}

async function systemMongod(): Promise<MongodInstallation | undefined> {
  const mongod = await onPath('mongod');
  if (mongod === undefined) return undefined;
  try {
    const version = await mongodVersion({ mongod });
    return Number.parseInt(version, 10) >= leastMongod ? { mongod } : undefined;
  } catch {
    // One that does not run is no better than none.
    return undefined;
  }
}

/** The feature number of a Java runtime: 17 of "17.0.15", 8 of "1.8.0"; 0 when it does not run. */
async function javaVersion(file: string): Promise<number> {
  try {
    const output = await runTool(file, ['--version'], { withinMs: 30_000 });
    return Number(/^\S+ (\d+)/.exec(output)?.[1] ?? 0);
  } catch {
    // Java 8 and earlier do not know --version.
    return 0;
  }
}

async function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  try {
    await runTool(file, args, { withinMs: 30_000 });
    return true;
  } catch {
    return false;
  }
}
