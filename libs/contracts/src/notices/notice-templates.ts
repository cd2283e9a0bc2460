import templates from './templates.json' with { type: 'json' };

/** Name of a notice's text; stable, because it stands in events. */
export type NoticeTemplate = keyof typeof templates;

/** A text in each language of the platform; `{name}` stands for a param of the notice. */
interface LocalizedText {
  readonly zh: string;
  readonly en: string;
}

/** The texts of every notice. The notice itself holds none: its language is the reader's matter. */
export const noticeTemplates: Readonly<
  Record<NoticeTemplate, { readonly title: LocalizedText; readonly text: LocalizedText }>
> = templates;

/** A notice's title and text in a language; an unknown template, of a later release, tells its name. */
export function describeNotice(
  template: string,
  locale: keyof LocalizedText,
  params: Readonly<Record<string, string>>,
): { readonly title: string; readonly text: string } {
  const found = Object.hasOwn(templates, template)
    ? noticeTemplates[template as NoticeTemplate]
    : undefined;
  if (found === undefined) return { title: template, text: '' };
  const text = found.text[locale].replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => params[name] ?? '…',
  );
  return { title: found.title[locale], text };
}
