/**
 * Build step (package.json, "build"): condenses pinyin-pro's dictionary into dist/pinyin-table.json, so that no service
 * has to hold the library, which costs some 30 MB resident for what is needed here, syllables without tones.
 */
import { writeFileSync } from 'node:fs';
import { pinyin } from 'pinyin-pro';
import { divisions } from '../divisions.ts';
import { streets } from '../streets.ts';
import { FIRST_HAN, LAST_HAN, type PinyinTable } from './pinyin.ts';

/**
 * Words of unions' and enterprises' names in which a character is not read as it is alone (行 in 银行), or in which a
 * place's reading must not be taken over.
 */
const WORDS = `
  银行 分行 支行 商行 行业 行政 央行 农行 工行 建行 中行 交行 投行 洋行 车行 琴行 同行 旅行 行动 重工 重型 重机 重汽 起重 双重 重庆
  会计 会计师 会议 会展 总会 音乐 乐器 声乐 娱乐 快乐 长城 长江 长征 长春 成长 校长 调度 调查 空调 调味 调控 测量 计量 质量
  中铁 中药 中心 中标 传媒 宣传 传统 供电 供水 供应 供销 提供 单位 简单 大厦 厦门 大夫 都市 首都 成都 冠军 皇冠
  便利 方便 便民 宝藏 藏药 西藏 收藏 参茸 人参 参与 朝阳 朝鲜 处理 处置 办事处 管理处 创意 创业 弹簧 弹药 当地 率先 效率
  干部 干线 烘干 骨干 更新 更好 观光 道观 还款 合作 和平 荷花 华山 给水 给排水 角色 校准 学校 结构 劲力 卷烟 试卷
  累计 积累 量具 绿化 绿色 模具 模型 宁波 泡沫 屏蔽 切削 一切 仇恨 曲轴 歌曲 散装 分散 色彩 少年 少数 石化 舍得 宿舍 什么
  盛大 丰盛 属于 金属 数据 数码 说明 宿州 提升 拓展 开拓 为民 行为 应用 应急 供应 相机 相关 兴业 兴隆 高兴 兴趣 血液
  要求 重要 应该 正月 正常 种植 种子 转运 转换 着力 装载 承载 载重 作业 作坊 六安 蚌埠 六合 浚县 铅山 番禺 台州 东莞 乐清 乐山
  薄膜 薄荷 暴露 曝光 柏林 松柏 泊位 湖泊 剥离 伯乐 卜算 萝卜 禅城 颤动 称重 称职 澄海 冲压 臭氧 畜牧 牲畜 储能 答复 大连
  逮捕 担保 石油 担架 弹性 得力 取得 堤坝 的确 目的 地铁 调整 钉子 丁香 恶化 发展 理发 分公司 水分 佛山 服务 扶贫 港务
`;

/** Surnames read otherwise than their characters are in words. */
const SURNAMES: Readonly<Record<string, string>> = {
  ...{ 单: 'shan', 仇: 'qiu', 解: 'xie', 区: 'ou', 任: 'ren', 曾: 'zeng', 查: 'zha', 朴: 'piao' },
  ...{ 盖: 'ge', 乐: 'yue', 员: 'yun', 洗: 'xian', 冼: 'xian', 翟: 'zhai', 缪: 'miao', 宓: 'mi' },
  ...{ 覃: 'qin', 召: 'shao', 秘: 'bi', 折: 'she', 燕: 'yan', 纪: 'ji', 华: 'hua', 尉: 'wei' },
  ...{ 种: 'chong', 繁: 'po', 尉迟: 'yu chi', 万俟: 'mo qi', 长孙: 'zhang sun', 澹台: 'tan tai' },
};

writeFileSync(new URL('../pinyin-table.json', import.meta.url), JSON.stringify(makeTable()));

function makeTable(): PinyinTable {
  const syllables: string[] = [''];
  const numbers = new Map<string, number>([['', 0]]);
  const readings = new Uint16Array(LAST_HAN - FIRST_HAN + 1);
  for (let code = FIRST_HAN; code <= LAST_HAN; code++) {
    const syllable = syllablesOf(String.fromCharCode(code))[0] ?? '';
    let number = numbers.get(syllable);
    if (number === undefined) {
      number = syllables.push(syllable) - 1;
      numbers.set(syllable, number);
    }
    readings[code - FIRST_HAN] = number;
  }
  const alone = (character: string): string =>
    syllables[readings[character.charCodeAt(0) - FIRST_HAN] ?? 0] ?? '';
  return {
    syllables,
    readings: Buffer.from(readings.buffer).toString('base64'),
    inPairs: readingsInPairs(alone),
    surnames: SURNAMES,
  };
}

/** For each pair of neighbouring characters in the corpus whose reading differs from the lone one: both syllables. */
function readingsInPairs(alone: (character: string) => string): Record<string, string> {
  const votes = new Map<string, Map<string, number>>();
  for (const text of corpus()) {
    const read = syllablesOf(text);
    // By code points, as the library counts: a name may hold characters beyond the first plane.
    const characters = [...text];
    for (let i = 0; i + 1 < characters.length; i++) {
      const first = read[i] ?? '';
      const second = read[i + 1] ?? '';
      if (first === '' || second === '') continue;
      const pair = `${characters[i]}${characters[i + 1]}`;
      const syllables = `${first} ${second}`;
      const counts = votes.get(pair) ?? new Map<string, number>();
      counts.set(syllables, (counts.get(syllables) ?? 0) + 1);
      votes.set(pair, counts);
    }
  }
  const result: Record<string, string> = {};
  for (const [pair, counts] of votes) {
    const [winner] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best));
    if (winner !== `${alone(pair.charAt(0))} ${alone(pair.charAt(1))}`) result[pair] = winner;
  }
  return result;
}

function* corpus(): Generator<string> {
  for (const { name } of divisions()) yield name;
  for (const { name } of streets()) yield name;
  yield* WORDS.trim().split(/\s+/);
}

/** One syllable per character, tones left out, ü as v (lüe and nüe as lue and nue, as they are typed); '' for what is no Han character. */
function syllablesOf(text: string): string[] {
  return pinyin(text, { toneType: 'none', type: 'array', v: true, nonZh: 'spaced' }).map(
    (syllable) => (/^[a-z]+$/.test(syllable) ? syllable.replace(/^([ln])ve$/, '$1ue') : ''),
  );
}
