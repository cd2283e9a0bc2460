import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldCipher, isSealed, UnsealError } from './field-cipher.ts';
import type { JsonObject } from './json.ts';
import { generatePersonKey } from './person-key.ts';
import {
  openFields,
  type PersonalField,
  PersonalFieldError,
  sealFields,
  subjectsOf,
} from './personal-fields.ts';

function sealedTexts(sealed: JsonObject): Record<string, string> {
  return sealed['_sealed'] as unknown as Record<string, string>;
}

describe('personal fields', () => {
  const cipher = new FieldCipher();
  const type = 'unionfold.members.v1.MemberEnrolled';
  const personal: readonly PersonalField[] = [
    { field: 'name', subjectField: 'memberId' },
    { field: 'incomeFen', subjectField: 'memberId' },
    { field: 'phones', subjectField: 'memberId' },
    { field: 'contactName', subjectField: 'contactId' },
  ];
  const keys = new Map([
    ['member-1', generatePersonKey()],
    ['contact-1', generatePersonKey()],
  ]);
  const data: JsonObject = {
    memberId: 'member-1',
    contactId: 'contact-1',
    unionId: 'union-1',
    name: '张三',
    incomeFen: 1_234_567,
    phones: ['13812345678', { home: null }],
    contactName: '李四',
  };

  it('seals every personal field and no other', () => {
    const before = structuredClone(data);
    const sealed = sealFields(cipher, { type, data }, personal, keys);
    expect(data).toEqual(before);
    for (const { field } of personal) expect(sealed).not.toHaveProperty(field);
    expect(Object.keys(sealedTexts(sealed))).toEqual(['memberId', 'contactId']);
    for (const text of Object.values(sealedTexts(sealed))) expect(isSealed(text)).toBe(true);
    expect(sealed).toMatchObject({
      memberId: 'member-1',
      contactId: 'contact-1',
      unionId: 'union-1',
    });
    expect(JSON.stringify(sealed)).not.toMatch(/张三|李四|1234567|13812345678/);
    expect(openFields(cipher, { type, data: sealed }, personal, keys)).toEqual({
      data,
      erased: [],
    });
  });

  it('round-trips any values, absent fields staying absent', () => {
    const values = fc.record(
      { name: fc.string(), incomeFen: fc.integer(), phones: fc.array(fc.string()) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(values, (fields) => {
        const some: JsonObject = { memberId: 'member-1', ...fields };
        const sealed = sealFields(cipher, { type, data: some }, personal, keys);
        const any = Object.keys(fields).length > 0;
        expect(Object.keys(sealed)).toEqual(any ? ['memberId', '_sealed'] : ['memberId']);
        const opened = openFields(cipher, { type, data: sealed }, personal, keys);
        expect(opened).toEqual({ data: some, erased: [] });
      }),
    );
  });

  it("leaves out a forgotten person's fields and says which", () => {
    const sealed = sealFields(cipher, { type, data }, personal, keys);
    const left = new Map([...keys].filter(([subject]) => subject !== 'member-1'));
    const opened = openFields(cipher, { type, data: sealed }, personal, left);
    expect(opened).toEqual({
      data: {
        memberId: 'member-1',
        contactId: 'contact-1',
        unionId: 'union-1',
        contactName: '李四',
      },
      erased: ['name', 'incomeFen', 'phones'],
    });
    expect(Object.keys(opened.data)).not.toContain('name');
  });

  it('lets no sealed text be moved to another person or event type', () => {
    const sealed = sealFields(cipher, { type, data }, personal, keys);
    const { memberId, contactId } = sealedTexts(sealed);
    const swapped: JsonObject = {
      ...sealed,
      _sealed: { memberId: contactId, contactId: memberId },
    };
    const otherPerson: JsonObject = { ...sealed, memberId: 'contact-1' };
    for (const moved of [swapped, otherPerson]) {
      expect(() => openFields(cipher, { type, data: moved }, personal, keys)).toThrow(UnsealError);
    }
    const otherType = { type: 'unionfold.members.v1.MemberCorrected', data: sealed };
    expect(() => openFields(cipher, otherType, personal, keys)).toThrow(UnsealError);
  });

  it.each([['张三'], [5], [null]])('refuses plain %j where a sealed text belongs', (plain) => {
    const forgeries: JsonObject[] = [
      { memberId: 'member-1', name: plain },
      { memberId: 'member-1', _sealed: { memberId: plain } },
      { memberId: 'member-1', _sealed: plain },
    ];
    for (const forged of forgeries) {
      expect(() => openFields(cipher, { type, data: forged }, personal, keys)).toThrow(UnsealError);
    }
  });

  it('writes nothing in plain when the key or the subject is not there', () => {
    const noKey = () => sealFields(cipher, { type, data }, personal, new Map());
    expect(noKey).toThrow(expect.objectContaining({ reason: 'no-key', field: 'name' }));
    for (const memberId of [undefined, '', 7]) {
      const lost = { ...data, memberId };
      const noSubject = () => sealFields(cipher, { type, data: lost }, personal, keys);
      expect(noSubject).toThrow(expect.objectContaining({ reason: 'no-subject', field: 'name' }));
      expect(noSubject).toThrow(PersonalFieldError);
      expect(noSubject).not.toThrow('张三');
    }
  });

  it('knows whose keys are needed', () => {
    expect(subjectsOf(data, personal)).toEqual(new Set(['member-1', 'contact-1']));
    expect(subjectsOf({ ...data, contactName: undefined }, personal)).toEqual(
      new Set(['member-1']),
    );
    expect(subjectsOf({ unionId: 'union-1' }, personal)).toEqual(new Set());
    const sealed = sealFields(cipher, { type, data }, personal, keys);
    expect(subjectsOf(sealed, personal)).toEqual(new Set(['member-1', 'contact-1']));
  });
});
