import { OfficerBody, UnionType } from '@unionfold/contracts';
import type { RecordDocument, UnionDocument } from './documents.ts';

/** One thing that makes a union's record complete and right. */
export interface QualityPolicy {
  /** Stable name: clients translate by it, and it stands in lists of things to fix. */
  readonly name: string;
  readonly title: { readonly zh: string; readonly en: string };
  /** What it counts for, among those that apply. */
  readonly weight: number;
  /** Where the rule comes from. */
  readonly source: string;
  readonly appliesTo: (union: UnionDocument) => boolean;
  readonly holds: (union: UnionDocument, record: RecordDocument) => boolean;
}

const form = '《工会组织信息登记表》';
/** Federations and industry unions stand for others; the rest have members at an employer. */
const above: readonly UnionType[] = [
  UnionType.UNION_TYPE_NATIONAL,
  UnionType.UNION_TYPE_PROVINCIAL,
  UnionType.UNION_TYPE_MUNICIPAL,
  UnionType.UNION_TYPE_COUNTY,
  UnionType.UNION_TYPE_TOWNSHIP,
  UnionType.UNION_TYPE_INDUSTRY,
  UnionType.UNION_TYPE_AREA,
];
const below: readonly UnionType[] = [UnionType.UNION_TYPE_SUB_UNION, UnionType.UNION_TYPE_GROUP];
const isGrassroots = ({ type }: UnionDocument) => !above.includes(type) && !below.includes(type);
/** Sub-unions and groups are no bodies of their own. */
const isBody = ({ type }: UnionDocument) => !below.includes(type);
const always = () => true;

/** Every rule of a record's quality, in the order in which cadres mend them. */
export const qualityPolicies: readonly QualityPolicy[] = [
  {
    name: 'region',
    title: { zh: '行政区划代码', en: 'Region code' },
    weight: 2,
    source: form,
    appliesTo: isBody,
    holds: ({ regionCode }) => regionCode !== '',
  },
  {
    name: 'founded-on',
    title: { zh: '成立日期', en: 'Founding date' },
    weight: 1,
    source: form,
    appliesTo: isBody,
    holds: ({ foundedOn }) => foundedOn !== '',
  },
  {
    name: 'approval-document',
    title: { zh: '批复文号', en: 'Approval document' },
    weight: 1,
    source: '《工会法》第十一条',
    appliesTo: always,
    holds: (_, { approvalDocument }) => approvalDocument !== '',
  },
  {
    name: 'covered-unit',
    title: { zh: '覆盖单位', en: 'Covered employer' },
    weight: 3,
    source: form,
    appliesTo: isGrassroots,
    holds: (_, { units }) => Object.keys(units).length > 0,
  },
  {
    name: 'employees',
    title: { zh: '职工人数', en: 'Number of employees' },
    weight: 2,
    source: form,
    appliesTo: isGrassroots,
    holds: (_, { units }) => Object.values(units).some(({ employees }) => employees > 0),
  },
  {
    name: 'address',
    title: { zh: '地址', en: 'Address' },
    weight: 1,
    source: form,
    appliesTo: isBody,
    holds: (_, { record }) => filled(record['address']),
  },
  {
    name: 'address-region',
    title: { zh: '地址的行政区划代码', en: 'Region code of the address' },
    weight: 1,
    source: form,
    appliesTo: isBody,
    holds: (_, { record }) => filled(record['addressRegionCode']),
  },
  {
    name: 'contact',
    title: { zh: '联系部门和电话', en: 'Office and telephone' },
    weight: 2,
    source: form,
    appliesTo: isBody,
    holds: (_, { record }) => filled(record['contactOffice']) && filled(record['contactPhone']),
  },
  {
    name: 'duties',
    title: { zh: '职责', en: 'Duties' },
    weight: 1,
    source: form,
    appliesTo: isBody,
    holds: (_, { record }) => filled(record['duties']),
  },
  {
    name: 'functions',
    title: { zh: '职能归口', en: 'Functions' },
    weight: 1,
    source: '《工会法》第六条',
    appliesTo: isBody,
    holds: (_, { record }) => Array.isArray(record['functions']) && record['functions'].length > 0,
  },
  {
    name: 'committee',
    title: { zh: '工会委员会在任', en: 'Committee in office' },
    weight: 2,
    source: '《工会法》第十条',
    appliesTo: isBody,
    holds: (_, { bodies }) => bodies.includes(OfficerBody.OFFICER_BODY_COMMITTEE),
  },
  {
    name: 'audit-committee',
    title: { zh: '经费审查委员会（委员）在任', en: 'Audit committee, or auditor, in office' },
    weight: 1,
    source: '《工会法》第四十五条',
    appliesTo: isBody,
    holds: (_, { bodies }) => bodies.includes(OfficerBody.OFFICER_BODY_AUDIT),
  },
  {
    name: 'womens-committee',
    title: {
      zh: '女职工委员会（委员）在任',
      en: 'Women workers’ committee, or its one member, in office',
    },
    weight: 1,
    source: '《工会女职工委员会工作条例》',
    appliesTo: isBody,
    // At an employer, where women work.
    holds: (union, { bodies, units }) =>
      bodies.includes(OfficerBody.OFFICER_BODY_WOMEN) ||
      (isGrassroots(union) && Object.values(units).every(({ women }) => women === 0)),
  },
  {
    name: 'certificate',
    title: { zh: '法人资格证书与信用代码', en: 'Legal-person certificate and credit code' },
    weight: 2,
    source: '《工会法》第十五条',
    // Only who is a legal person has them; whether it is one is told by the record.
    appliesTo: isBody,
    holds: ({ creditCode }, { record }) =>
      record['legalPerson'] !== true || (filled(record['certificateNumber']) && creditCode !== ''),
  },
];

/** How complete and right a record is. */
export function qualityOf(
  union: UnionDocument,
  record: RecordDocument,
): Pick<RecordDocument, 'score' | 'toFix'> {
  const applying = qualityPolicies.filter(({ appliesTo }) => appliesTo(union));
  const missing = applying.filter(({ holds }) => !holds(union, record));
  const weigh = (policies: readonly QualityPolicy[]) =>
    policies.reduce((sum, { weight }) => sum + weight, 0);
  const whole = weigh(applying);
  const score = whole === 0 ? 100 : Math.round((100 * (whole - weigh(missing))) / whole);
  return { score, toFix: missing.map(({ name }) => name) };
}

function filled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
