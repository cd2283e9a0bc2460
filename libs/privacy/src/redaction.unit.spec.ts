import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, REDACTED, redactText } from './redaction.ts';

describe('text for a log', () => {
  it.each([
    ['member 370202199001010000 refused', 'member 370***********0000 refused'],
    ['身份证11010519491231002X，有误', '身份证110***********002X，有误'],
    ['11010519491231002x', '110***********002x'],
    ['old form 370202900101123', 'old form 370********1123'],
    ['call 13812345678', 'call 138****5678'],
    ['手机13812345678或13987654321', '手机138****5678或139****4321'],
    ['call +8613812345678!', 'call 138****5678!'],
    ['call 86-138-1234-5678', 'call 138****5678'],
    ['call 138 1234 5678', 'call 138****5678'],
    ['synthetic 10012345678', 'synthetic 100****5678'],
    [
      '"mobile":"13812345678","id":"370202199001010000"',
      '"mobile":"138****5678","id":"370***********0000"',
    ],
    ['field=value13812345678end', 'field=value138****5678end'],
  ])('masks the numbers in %j', (plain, redacted) => {
    expect(redactText(plain)).toBe(redacted);
  });

  it.each([
    ['2026-11-24T05:38:08.123Z'],
    ['1795498688123'],
    ['37020219901301000'],
    ['370202199013010000'],
    ['trace 4bf92f3513812345678ce929d0e0e47a'],
    ['00-4bf92f3513812345678ce929d0e0e473-00f067aa0ba902b7-01'],
    ['0199a123-4567-8901-8def-0123456789ab'],
    ['cn-370202'],
    ['amount 1234567890'],
    ['short'],
    [''],
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes a long text without spaces', () => {
    const text = 'x13812345678'.repeat(50_000);
    expect(redactText(text)).toBe('x138****5678'.repeat(50_000));
  });
});

describe('redactor', () => {
  const redact = createRedactor(['name', 'citizenNumber', 'birth_date']);

  it('drops the values of personal fields, at every depth and in both spellings', () => {
    const line = {
      name: '张三',
      unionId: 'union-1',
      list: [{ citizen_number: 'x', birthDate: { year: 1990 } }],
      map: new Map([['birth_date', '1990-01-01']]),
      citizenNumber: undefined,
    };
    expect(redact(line)).toEqual({
      name: REDACTED,
      unionId: 'union-1',
      list: [{ citizen_number: REDACTED, birthDate: REDACTED }],
      map: { birth_date: REDACTED },
      citizenNumber: undefined,
    });
  });

  it('masks numbers in texts, keys, sets, numbers and nested JSON', () => {
    const line = {
      text: 'call 13812345678',
      13812345678: true,
      set: new Set(['13812345678']),
      number: 13_812_345_678,
      big: 370202199001010000n,
      json: JSON.stringify({ mobile: '13812345678' }),
      at: 1_795_498_688_123,
      ratio: 0.5,
    };
    expect(redact(line)).toEqual({
      text: 'call 138****5678',
      '138****5678': true,
      set: ['138****5678'],
      number: '138****5678',
      big: '370***********0000',
      json: '{"mobile":"138****5678"}',
      at: 1_795_498_688_123,
      ratio: 0.5,
    });
  });

  it('changes nothing of what it is given', () => {
    const line = Object.freeze({ name: '张三', list: Object.freeze(['13812345678']) });
    redact(line);
    expect(line).toEqual({ name: '张三', list: ['13812345678'] });
  });

  it('tells errors whole, causes included, with their texts masked', () => {
    const cause = new RangeError('citizen 370202199001010000');
    const error = Object.assign(new Error('mobile 13812345678', { cause }), {
      code: 'E_DUPLICATE',
      citizenNumber: '370202199001010000',
    });
    const redacted = redact({ err: error });
    expect(redacted).toMatchObject({
      err: {
        type: 'Error',
        message: 'mobile 138****5678',
        code: 'E_DUPLICATE',
        citizenNumber: REDACTED,
        cause: { type: 'RangeError', message: 'citizen 370***********0000' },
      },
    });
    expect(JSON.stringify(redacted)).toContain('redaction.unit.spec');
    expect(JSON.stringify(redacted)).not.toMatch(/13812345678|370202199001010000/);
    expect(redact(new AggregateError([cause], 'several'))).toMatchObject({
      errors: [{ message: 'citizen 370***********0000' }],
    });
  });

  it('is safe on cycles, and shows what is met twice', () => {
    const shared = { unionId: 'union-1' };
    const line: Record<string, unknown> = { first: shared, second: shared };
    line['self'] = line;
    expect(redact(line)).toEqual({ first: shared, second: shared, self: '[cycle]' });
  });

  it('survives what cannot be read', () => {
    const hostile = {
      get broken() {
        throw new Error('13812345678');
      },
      toJSON: undefined,
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
      weird: {
        toJSON: () => {
          throw new Error('no');
        },
      },
      fn: () => 1,
      sym: Symbol('13812345678'),
    };
    expect(redact(hostile)).toEqual({
      broken: '[unreadable]',
      toJSON: undefined,
      proxy: '[unreadable]',
      weird: '[unreadable]',
      fn: '[function]',
      sym: '[symbol]',
    });
  });

  it('shows no bytes, keeps dates, and asks objects for their JSON', () => {
    const line = {
      bytes: Buffer.from('13812345678'),
      date: new Date(0),
      url: new URL('http://localhost/x?mobile=13812345678'),
      parsed: JSON.parse('{"__proto__": {"name": "张三"}}'),
    };
    const redacted = redact(line);
    expect(redacted).toMatchObject({
      bytes: '[11 bytes]',
      date: new Date(0),
      url: 'http://localhost/x?mobile=138****5678',
    });
    expect(JSON.stringify(redacted)).not.toContain('张三');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('cuts what is too deep or too large', () => {
    let deep: unknown = 'bottom';
    for (let n = 0; n < 100_000; n += 1) deep = [deep];
    expect(JSON.stringify(redact(deep))).toContain('[cut]');
    let broad: unknown = 'x';
    for (let n = 0; n < 7; n += 1) broad = Array.from({ length: 50 }, () => broad);
    expect(JSON.stringify(redact(broad)).length).toBeLessThan(50_000);
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
    expect(JSON.stringify(redact(wide)).length).toBeLessThan(50_000);
  });

  it('never throws and never lets a personal value through', () => {
    fc.assert(
      fc.property(
        fc.object({
          values: [fc.constant('张三'), fc.string()],
          key: fc.constantFrom('name', 'a'),
        }),
        (line) => {
          const redacted = JSON.stringify(redact({ name: line, list: [{ name: '张三' }] }));
          expect(redacted).toBe(`{"name":"${REDACTED}","list":[{"name":"${REDACTED}"}]}`);
          const walked = JSON.stringify(redact(onlyUnder('name', line)));
          expect(walked).not.toContain('张三');
        },
      ),
    );
  });
});

/** The same tree with every value that is not an object put under the key. */
function onlyUnder(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => onlyUnder(key, item));
  if (typeof value !== 'object' || value === null) return { [key]: value };
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, onlyUnder(key, v)]));
}
