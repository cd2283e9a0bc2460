import { accessProblems } from './access.ts';
import { bookingProblems } from './bookings.ts';
import { codeProblems } from './codes.ts';
import { committeeProblems } from './committees.ts';
import { gridProblems } from './grid.ts';
import { importProblems } from './imports.ts';
import { memberProblems } from './members.ts';
import { noticeProblems } from './notices.ts';
import { platformProblems } from './platform.ts';
import type { Locale, LocalizedText, ProblemDefinition } from './problem.ts';
import { requestProblems } from './request.ts';
import { structureProblems } from './structure.ts';
import { unionProblems } from './unions.ts';
import { welfareProblems } from './welfare.ts';

const registry = {
  ...requestProblems,
  ...accessProblems,
  ...platformProblems,
  ...codeProblems,
  ...unionProblems,
  ...structureProblems,
  ...bookingProblems,
  ...committeeProblems,
  ...memberProblems,
  ...welfareProblems,
  ...noticeProblems,
  ...gridProblems,
  ...importProblems,
};

/** Stable name of a problem: it stands in the `type` of problem documents and in clients' code, so none is renamed. */
export type ProblemCode = keyof typeof registry;

/** Every problem by its code. */
export const problems: Readonly<Record<ProblemCode, ProblemDefinition>> = registry;

/** Tells a registered code from any other text. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

/** What fills the placeholders of a problem's texts. Nothing personal: the texts are logged and sent on. */
export type ProblemParams = Readonly<Record<string, string | number>>;

/** A problem told in one language. */
export interface ProblemDescription {
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
}

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

/**
 * Tells a problem in a language. Callers that know the field at fault pass it as `field`. A placeholder without a
 * parameter becomes an ellipsis: telling a problem must not become one.
 */
export function describeProblem(
  code: ProblemCode,
  locale: Locale,
  params: ProblemParams = {},
): ProblemDescription {
  const { title, detail, remedy } = problems[code];
  const tell = (text: LocalizedText): string =>
    text[locale].replaceAll(PLACEHOLDER, (_, name: string) =>
      Object.hasOwn(params, name) ? String(params[name]) : '…',
    );
  return { title: tell(title), detail: tell(detail), remedy: tell(remedy) };
}

/** The parameters that a problem's texts want, in order: what a refusal with this code has to bring. */
export function problemParams(code: ProblemCode): readonly string[] {
  const { detail, remedy } = problems[code];
  const names = [...`${detail.en} ${remedy.en}`.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  return [...new Set(names)];
}
