import { createHash } from 'node:crypto';

/** A script that Redis runs atomically. */
export interface LuaScript {
  readonly text: string;
  /** SHA-1 in hexadecimal: what `EVALSHA` finds it by. */
  readonly sha: string;
}

/** Makes a script of its text. */
export function luaScript(text: string): LuaScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
