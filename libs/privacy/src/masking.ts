/** What stands for the hidden part of a name when it is longer: the length of a name helps to guess it. */
const MOST_NAME_STARS = 2;

/** Compound surnames that are still borne; of these both characters are the surname. */
const COMPOUND_SURNAMES = new Set(
  '欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 夏侯 轩辕 钟离 端木 申屠 太史 闻人 澹台 濮阳 淳于 单于 赫连 呼延 万俟 司空 南宫 独孤 拓跋 西门 百里'.split(
    ' ',
  ),
);

/**
 * `370202199001011234` becomes `370***********1234`: the province, the first digit of the city, and the end stay.
 * What is too short to be a citizen number shows its first character at most.
 */
export function maskCitizenNumber(citizenNumber: string): string {
  return maskMiddle(citizenNumber, 15);
}

/** `13812345678` becomes `138****5678`. What is too short to be a number shows its first character at most. */
export function maskMobile(mobile: string): string {
  return maskMiddle(mobile, 11);
}

/**
 * `张三` becomes `张*`, `欧阳予倩` becomes `欧阳**`: the surname stays, at most two stars follow. A single character
 * is hidden whole.
 */
export function maskName(name: string): string {
  const characters = Array.from(name.trim());
  const [first] = characters;
  if (first === undefined) return '';
  if (characters.length === 1) return '*';
  const two = characters.slice(0, 2).join('');
  const shown = characters.length > 2 && COMPOUND_SURNAMES.has(two) ? two : first;
  const hidden = characters.length - Array.from(shown).length;
  return shown + '*'.repeat(Math.min(hidden, MOST_NAME_STARS));
}

/** Keeps three characters at the start and four at the end of what has the full length; else the first at most. */
function maskMiddle(text: string, fullLength: number): string {
  const characters = Array.from(text);
  const [head, tail] =
    characters.length >= fullLength ? [3, 4] : [characters.length > 1 ? 1 : 0, 0];
  return (
    characters.slice(0, head).join('') +
    '*'.repeat(characters.length - head - tail) +
    characters.slice(characters.length - tail).join('')
  );
}
