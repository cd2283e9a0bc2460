import type { NoticeTemplate } from '@unionfold/contracts/notices';

/** The notices of elections, terms and officers: they have a spec of their own. */
export const committeeTemplates: readonly NoticeTemplate[] = [
  'duty-handed-over',
  'duty-received',
  'election-approved',
  'election-awaits-approval',
  'election-exception-approved',
  'election-exception-awaits-approval',
  'election-exception-rejected',
  'election-rejected',
  'officer-ceased',
  'subordinate-term-overdue',
  'term-ending',
  'term-overdue',
];
