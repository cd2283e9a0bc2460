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
