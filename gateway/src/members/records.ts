import { catalogue, Gender } from '@unionfold/contracts';
import { FieldCipher, maskCitizenNumber, maskMobile, openFields } from '@unionfold/privacy';
import Type, { type Static } from 'typebox';
import type { GatewayContext } from '../context.ts';
import { textEnum } from '../http/operation.ts';
import type { Caller } from '../identity/caller.ts';
import type { MemberDocument } from '../read-models/federation/documents.ts';

/** A member as cadres of the jurisdiction and the member see it. */
export const MemberRecord = Type.Object(
  {
    id: Type.String(),
    unionId: Type.String(),
    status: textEnum(['active', 'left'], '在册、已退会 | Live, left.'),
    name: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: '已被遗忘者为 null | Null when the person was forgotten.',
    }),
    citizenNumberMasked: Type.Optional(Type.String()),
    mobileMasked: Type.Optional(Type.String()),
    gender: Type.Optional(textEnum(['male', 'female'])),
    joinedOn: Type.String({ format: 'date' }),
    synthetic: Type.Boolean(),
    erased: Type.Boolean({ description: '个人信息已销毁 | The personal data was destroyed.' }),
    version: Type.Integer(),
  },
  {
    $id: 'MemberRecord',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7m',
        unionId: '01k2ab3cd4ef5gh6jk7n',
        status: 'active',
        name: '王小明',
        citizenNumberMasked: '370***********1234',
        mobileMasked: '100****5678',
        gender: 'male',
        joinedOn: '2026-05-01',
        synthetic: true,
        erased: false,
        version: 1,
      },
    ],
  },
);

type Opened = Readonly<Record<string, unknown>>;

const cipher = new FieldCipher();

/**
 * Opens the sealed fields of members for one answer. The keys come in one go; a person whose key was destroyed is told
 * as erased.
 */
export async function memberRecords(
  { keys }: Pick<GatewayContext, 'keys'>,
  members: readonly MemberDocument[],
): Promise<Static<typeof MemberRecord>[]> {
  const held = await keys.keysFor(members.map(({ id }) => id));
  return members.map((member) => {
    const { id, unionId, status, joinedOn, synthetic, version } = member;
    const personal = catalogue.get(member.sealedAs)?.personal ?? [];
    const sealed = { type: member.sealedAs, data: { memberId: id, ...member.sealed } };
    const erased = !held.has(id);
    const opened: Opened = erased ? {} : openFields(cipher, sealed, personal, held).data;
    const name = text(opened, 'name');
    return {
      id,
      unionId,
      status,
      name: name === '' ? null : name,
      ...masked('citizenNumberMasked', maskCitizenNumber(text(opened, 'citizenNumber'))),
      ...masked('mobileMasked', maskMobile(text(opened, 'mobile'))),
      ...genderOf(opened),
      joinedOn,
      synthetic,
      erased,
      version,
    };
  });
}

/** Who read whose record: one line in the log, pseudonyms only. */
export function auditRead(
  { logger }: Pick<GatewayContext, 'logger'>,
  caller: Caller,
  correlationId: string,
  read: { readonly action: string; readonly members: readonly string[] },
): void {
  const { subject, unionId, role } = caller;
  logger.info({ audit: true, actor: subject, unionId, role, correlationId, ...read }, 'audit');
}

function text(opened: Opened, field: string): string {
  const value = opened[field];
  return typeof value === 'string' ? value : '';
}

function masked<Field extends string>(field: Field, value: string): { [F in Field]?: string } {
  return (value === '' ? {} : { [field]: value }) as { [F in Field]?: string };
}

function genderOf(opened: Opened): { gender?: 'male' | 'female' } {
  switch (opened['gender']) {
    case Gender.GENDER_MALE:
      return { gender: 'male' };
    case Gender.GENDER_FEMALE:
      return { gender: 'female' };
    default:
      return {};
  }
}
