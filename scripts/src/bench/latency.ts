import { synthetic } from '@unionfold/codes';
import { signIn, startChild } from './child.ts';
import { type Bench, type Figures, percentile } from './figures.ts';
import { inFolder } from './folder.ts';

const commandsPerSecond = 200;
const seconds = 20;
/** Beyond the people of the first load, who come from the same source. */
const firstPerson = 20_000_000;

/**
 * From sending a command over HTTP to the answer of a query that shows its effect: enrolments at a steady rate, each
 * followed by a read with the command's position. Requests are sent by the clock, whether or not the ones before have
 * been answered, so a stall is seen in full.
 */
export const latency: Bench = ({ tell }) =>
  inFolder(async (dataDir) => {
    tell('first load');
    const platform = await startChild(dataDir, { SEED: 'federations' });
    try {
      return await commandToVisible(platform.url, tell);
    } finally {
      await platform.stop();
    }
  });

/**
 * Measures a platform that is up.
 * @param warmUpSeconds for so long before, the same load is not measured
 */
export async function commandToVisible(
  url: string,
  tell: (line: string) => void,
  warmUpSeconds = 3,
): Promise<Figures> {
  const token = await signIn(url, 'cn');
  const source = synthetic(1);
  const times: number[] = [];
  const total = (warmUpSeconds + seconds) * commandsPerSecond;
  const running: Promise<void>[] = [];
  const began = performance.now();
  tell(`${commandsPerSecond} commands/s for ${seconds} s, after ${warmUpSeconds} s of the same`);
  for (let index = 0; index < total; index++) {
    const due = began + (index * 1_000) / commandsPerSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const person = source.person(firstPerson + index);
    const seeing = enrolAndSee(url, token, person).then((ms) => {
      if (index >= warmUpSeconds * commandsPerSecond) times.push(ms);
    });
    // Thrown when all have been sent; a rejection that nobody awaits yet would end this process, not the platform's.
    seeing.catch(() => undefined);
    running.push(seeing);
  }
  await Promise.all(running);
  const took = (performance.now() - began) / 1_000;
  return {
    commands_per_s: total / took,
    p50_ms: percentile(times, 0.5),
    p99_ms: percentile(times, 0.99),
  };
}

async function enrolAndSee(
  url: string,
  token: string,
  person: ReturnType<ReturnType<typeof synthetic>['person']>,
): Promise<number> {
  const began = performance.now();
  const authorization = `Bearer ${token}`;
  const enrolled = await fetch(`${url}/api/v1/members`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({
      unionId: 'ent-00000',
      name: person.name,
      citizenNumber: person.citizenNumber,
      mobile: person.mobile,
      joinedOn: person.hiredOn,
      synthetic: true,
    }),
  });
  const { id, position } = (await enrolled.json()) as { id: string; position: string };
  if (enrolled.status !== 201) throw new Error(`enrolment answered ${enrolled.status}`);
  const seen = await fetch(`${url}/api/v1/members/${id}`, {
    headers: { authorization, 'unionfold-position': position },
  });
  await seen.json();
  if (seen.status !== 200) throw new Error(`the member was not seen: ${seen.status}`);
  return performance.now() - began;
}
