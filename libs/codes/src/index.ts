export {
  type CitizenNumberOptions,
  type CitizenNumberProblem,
  type CitizenNumberResult,
  citizenNumberCheckDigit,
  type Gender,
  parseCitizenNumber,
} from './citizen-number.ts';
export {
  CODE_TABLE_NAMES,
  type CodeRow,
  type CodeTable,
  type CodeTableName,
  codeRow,
  codeTable,
  isKnownIndustry,
  isValidCode,
  isValidOn,
} from './code-tables.ts';
export {
  type CreditCodeOptions,
  type CreditCodeProblem,
  type CreditCodeResult,
  creditCodeCheckDigit,
  organizationCodeCheckDigit,
  parseCreditCode,
} from './credit-code.ts';
export {
  addMonths,
  addYears,
  chinaDate,
  type DateResult,
  dateOfDayNumber,
  dayNumber,
  parseDate,
} from './dates.ts';
export {
  type Division,
  type DivisionLevel,
  division,
  divisionFullName,
  divisionPath,
  divisions,
  isPlaceholder,
} from './divisions.ts';
export {
  type Federation,
  type FederationOptions,
  type FederationType,
  federationIdOfRegion,
  federations,
} from './federations.ts';
export { isValidId } from './ids.ts';
export { type MobileResult, parseMobile } from './mobile.ts';
export { shortPlaceName } from './place-names.ts';
export { isKnownRegion, wasEverRegion } from './regions/known-regions.ts';
export {
  abolishedOn,
  type RegionPeriod,
  regionHistory,
  regionOn,
  regionPeriods,
  regionsToday,
} from './regions/region-history.ts';
export {
  MAX_TERMS,
  type NameOptions,
  nameMatches,
  queryTerms,
  searchTerms,
} from './search/search-terms.ts';
export { type Street, streets } from './streets.ts';
export { isSyntheticCreditCode, type SyntheticEnterprise } from './synthetic/enterprise.ts';
export { isSyntheticCitizenNumber, type SyntheticPerson } from './synthetic/person.ts';
export { type Synthetic, type SyntheticOptions, synthetic } from './synthetic/synthetic.ts';
export { asInTables } from './table-text.ts';
