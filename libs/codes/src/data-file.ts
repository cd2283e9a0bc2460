import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Reads one of the package's own data files as text; the folder is found from src/ and from dist/ alike. */
export function readData(name: string): string {
  const bytes = readFileSync(new URL(`../data/${name}`, import.meta.url));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
