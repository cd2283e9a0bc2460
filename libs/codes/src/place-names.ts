import { codeTable } from './code-tables.ts';

let patterns: { readonly autonomous: RegExp; readonly plain: RegExp } | undefined;

/**
 * A division's name as it is said and as enterprises write it: 青岛 for 青岛市, 恩施 for 恩施土家族苗族自治州, 市南 for
 * 市南区. A name that would be left with one character (县名 such as 沛县) stays whole.
 */
export function shortPlaceName(name: string): string {
  patterns ??= makePatterns();
  const autonomous = patterns.autonomous.exec(name);
  if (autonomous?.[1] !== undefined) return autonomous[1];
  const short = name.replace(patterns.plain, '');
  return short.length >= 2 ? short : name;
}

function makePatterns(): { autonomous: RegExp; plain: RegExp } {
  // Places name their peoples with and without 族: 恩施土家族苗族自治州, 博尔塔拉蒙古自治州, 隆林各族自治县.
  const peoples = codeTable('ethnic-group')
    .rows.filter((row) => row.zh.endsWith('族'))
    .flatMap((row) => (row.zh.length > 2 ? [row.zh, row.zh.slice(0, -1)] : [row.zh]));
  return {
    autonomous: new RegExp(`^(.{2,}?)(?:${[...peoples, '各族'].join('|')})*自治[区州县旗]$`),
    plain: /(?:地区|林区|[省市县区旗盟])$/,
  };
}
