import { readData } from '../data-file.ts';

/** What made-up names are put together from; see data/names.json. */
export interface NameMaterial {
  readonly surnames: readonly (readonly [surname: string, weight: number])[];
  readonly male: readonly string[];
  readonly female: readonly string[];
  readonly brands: readonly string[];
  /** Each with its section of GB/T 4754. */
  readonly trades: readonly (readonly [trade: string, section: string])[];
}

interface NamesFile {
  readonly surnames: readonly (readonly [string, number])[];
  readonly male: string;
  readonly female: string;
  readonly brands: string;
  readonly trades: readonly (readonly [string, string])[];
}

let material: NameMaterial | undefined;

export function nameMaterial(): NameMaterial {
  material ??= readMaterial();
  return material;
}

function readMaterial(): NameMaterial {
  const file = JSON.parse(readData('names.json')) as NamesFile;
  return { ...file, male: [...file.male], female: [...file.female], brands: [...file.brands] };
}
