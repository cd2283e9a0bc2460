import { type Division, division, divisions, isPlaceholder } from './divisions.ts';
import { streets } from './streets.ts';

export type FederationType =
  | 'NATIONAL'
  | 'PROVINCIAL'
  | 'MUNICIPAL'
  | 'COUNTY'
  | 'TOWNSHIP'
  | 'INDUSTRY';

/** A union that exists because an administrative level or a national industry has one. */
export interface Federation {
  /** Stable: 'cn', 'cn-37', 'cn-3702', 'cn-370202', 'cn-370202001', 'cn-ind-01'. */
  readonly id: string;
  readonly name: string;
  readonly nameEn?: string;
  readonly type: FederationType;
  /** The upper union on the territorial line; absent for the national federation only. */
  readonly parentId?: string;
  /** GB/T 2260 or GB/T 10114; '000000' for the national federation and the industry unions. */
  readonly regionCode: string;
}

export interface FederationOptions {
  /** Adds the townships' federations: all 41,352, or those whose region code begins with the given digits. */
  readonly townships?: 'all' | { readonly regionPrefix: string };
}

const NATIONAL: Federation = {
  id: 'cn',
  name: '中华全国总工会',
  nameEn: 'All-China Federation of Trade Unions',
  type: 'NATIONAL',
  regionCode: '000000',
};

const INDUSTRY_UNIONS: readonly (readonly [name: string, nameEn: string])[] = [
  [
    '中国教科文卫体工会',
    "Chinese Educational, Scientific, Cultural, Medical and Sports Workers' Union",
  ],
  ['中国海员建设工会', "Chinese Seamen and Construction Workers' Union"],
  ['中国能源化学地质工会', "Chinese Energy, Chemical and Geological Workers' Union"],
  [
    '中国机械冶金建材工会',
    "Chinese Machinery, Metallurgical and Building Materials Workers' Union",
  ],
  ['中国国防邮电工会', "Chinese Defence Industry, Postal and Telecommunications Workers' Union"],
  [
    '中国财贸轻纺烟草工会',
    "Chinese Finance, Trade, Light Industry, Textile and Tobacco Workers' Union",
  ],
  [
    '中国农林水利气象工会',
    "Chinese Agricultural, Forestry, Water Conservancy and Meteorological Workers' Union",
  ],
  ['中华全国铁路总工会', "All-China Federation of Railway Workers' Unions"],
  ['中国民航工会', "Chinese Civil Aviation Workers' Union"],
  ['中国金融工会', "Chinese Financial Workers' Union"],
];

const PROVINCES_EN: Readonly<Record<string, string>> = {
  '11': 'Beijing Municipal',
  '12': 'Tianjin Municipal',
  '13': 'Hebei Provincial',
  '14': 'Shanxi Provincial',
  '15': 'Inner Mongolia Autonomous Region',
  '21': 'Liaoning Provincial',
  '22': 'Jilin Provincial',
  '23': 'Heilongjiang Provincial',
  '31': 'Shanghai Municipal',
  '32': 'Jiangsu Provincial',
  '33': 'Zhejiang Provincial',
  '34': 'Anhui Provincial',
  '35': 'Fujian Provincial',
  '36': 'Jiangxi Provincial',
  '37': 'Shandong Provincial',
  '41': 'Henan Provincial',
  '42': 'Hubei Provincial',
  '43': 'Hunan Provincial',
  '44': 'Guangdong Provincial',
  '45': 'Guangxi Zhuang Autonomous Region',
  '46': 'Hainan Provincial',
  '50': 'Chongqing Municipal',
  '51': 'Sichuan Provincial',
  '52': 'Guizhou Provincial',
  '53': 'Yunnan Provincial',
  '54': 'Xizang Autonomous Region',
  '61': 'Shaanxi Provincial',
  '62': 'Gansu Provincial',
  '63': 'Qinghai Provincial',
  '64': 'Ningxia Hui Autonomous Region',
  '65': 'Xinjiang Uygur Autonomous Region',
};

/**
 * The standing structure, every parent before its children: the national federation, the ten national industry unions,
 * 31 provincial, 342 municipal and 2,978 county federations, then the townships' where asked for. 3,362 without them.
 * A new array each time, so that nothing stays in memory after a seed.
 *
 * Rows of the division data that are no real city get a working committee (工会工作委员会) named for what it groups:
 * 北京市市辖区工会工作委员会, 重庆市辖县…, 河南省直辖县市…; so do the only counties of 东莞, 中山, 儋州 and 嘉峪关,
 * which stand for the towns right below the city. Names are unique among the children of one parent, not nationwide.
 */
export function federations(options: FederationOptions = {}): readonly Federation[] {
  const all: Federation[] = [NATIONAL];
  for (const [i, [name, nameEn]] of INDUSTRY_UNIONS.entries()) {
    const id = `cn-ind-${String(i + 1).padStart(2, '0')}`;
    all.push({ id, name, nameEn, type: 'INDUSTRY', parentId: 'cn', regionCode: '000000' });
  }
  for (const level of ['province', 'city', 'county'] as const) {
    for (const row of divisions()) {
      if (row.level === level) all.push(territorialFederation(row));
    }
  }
  if (options.townships !== undefined) {
    const prefix = options.townships === 'all' ? '' : options.townships.regionPrefix;
    for (const { code, name } of streets(prefix)) {
      all.push({
        id: `cn-${code}`,
        name: townshipName(name),
        type: 'TOWNSHIP',
        parentId: `cn-${code.slice(0, 6)}`,
        regionCode: code,
      });
    }
  }
  return all;
}

/** The id of the federation of a province, city, county (6 digits) or township (9); 441900 is taken as the city. */
export function federationIdOfRegion(code: string): string {
  if (code.endsWith('0000') && code.length === 6) return `cn-${code.slice(0, 2)}`;
  if (code.endsWith('00') && code.length === 6) return `cn-${code.slice(0, 4)}`;
  return `cn-${code}`;
}

function territorialFederation(row: Division): Federation {
  const regionCode = row.code;
  const province = regionCode.slice(0, 2);
  switch (row.level) {
    case 'province': {
      const name = `${row.name}总工会`;
      const nameEn = `${PROVINCES_EN[province]} Federation of Trade Unions`;
      return { id: `cn-${province}`, name, nameEn, type: 'PROVINCIAL', parentId: 'cn', regionCode };
    }
    case 'city':
      return {
        id: `cn-${regionCode.slice(0, 4)}`,
        name: municipalName(row),
        type: 'MUNICIPAL',
        parentId: `cn-${province}`,
        regionCode,
      };
    default:
      return {
        id: `cn-${regionCode}`,
        name: countyName(row),
        type: 'COUNTY',
        parentId: `cn-${regionCode.slice(0, 4)}`,
        regionCode,
      };
  }
}

function municipalName(row: Division): string {
  if (!isPlaceholder(row)) return `${row.name}总工会`;
  const province = division(`${row.code.slice(0, 2)}0000`)?.name ?? '';
  if (row.name === '市辖区') return `${province}市辖区工会工作委员会`;
  if (row.name === '县') return `${province}辖县工会工作委员会`;
  return `${province}直辖县市工会工作委员会`;
}

function countyName(row: Division): string {
  const city = division(`${row.code.slice(0, 4)}00`, 'city');
  if (city?.name === row.name) return `${row.name}镇街工会工作委员会`;
  return `${row.name.replace(/管委会$/, '')}总工会`;
}

/** Towns, townships and streets have federations; farms, prisons and parks in the data get a descriptive name. */
function townshipName(name: string): string {
  const place = name.replace(/街道办事处$/, '街道');
  return /(?:街道|镇|乡|苏木)$/.test(place) ? `${place}总工会` : `${place}工会联合会`;
}
