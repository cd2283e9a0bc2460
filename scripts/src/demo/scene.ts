import type { Caller, PlatformClient } from './api/platform-client.ts';
import type { Launcher } from './launcher/launcher.ts';
import type { Story } from './telling/story.ts';

/** Where the story plays and who appears in it. */
export interface Scene {
  readonly story: Story;
  readonly platform: PlatformClient;
  readonly launcher: Launcher;
  readonly people: People;
}

/** The people with registered accounts. */
export interface People {
  /** 全国总工会干部 */
  readonly national: Caller;
  /** 山东省总工会干部 */
  readonly provincial: Caller;
  /** 青岛市总工会干部 */
  readonly municipal: Caller;
  /** 市南区总工会干部 */
  readonly county: Caller;
  /** An enterprise union's cadre of the first load. */
  readonly enterprise: Caller;
  /** 平台运维 */
  readonly operator: Caller;
}

/** Unions of the first load that the story names. */
export const places = {
  nation: 'cn',
  /** 山东省总工会 */
  province: 'cn-37',
  /** 青岛市总工会 */
  city: 'cn-3702',
  /** 潍坊市总工会 */
  otherCity: 'cn-3707',
  /** 市南区总工会, in 青岛 */
  county: 'cn-370202',
  /** 市北区总工会, in 青岛 */
  neighbourCounty: 'cn-370203',
  /** 潍城区总工会, in 潍坊 */
  otherCityCounty: 'cn-370702',
  /** 广东省总工会 */
  otherProvince: 'cn-44',
  /** The first enterprise of the first load, in the county. */
  seededEnterprise: 'ent-00000',
} as const;

/**
 * Signs everybody in.
 * @throws UnexpectedAnswer
 */
export async function signInPeople(platform: PlatformClient): Promise<People> {
  const account = async (name: string) => await platform.signIn({ account: name });
  return {
    national: await account('national'),
    provincial: await account('provincial'),
    municipal: await account('municipal'),
    county: await account('county'),
    enterprise: await account('enterprise'),
    operator: await account('operator'),
  };
}
