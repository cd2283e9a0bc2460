import { describe, expect, test } from 'vitest';
import { type Exchange, UnexpectedAnswer } from '../api/exchange.ts';
import { needed, Story } from './story.ts';

describe('a story', () => {
  test('counts its steps and checks, and has no failures when all hold', async () => {
    const { story } = told();
    await story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async (check) => {
        check.equal('same', { a: [1] }, { a: [1] });
        check.holds('condition', true, 'true', true);
      });
    });
    expect(story.outcome).toEqual({ steps: 1, checks: 2, failures: [] });
  });

  test('goes on after a check that does not hold, and shows what was expected, what came and the request', async () => {
    const { story, lines } = told();
    const seen: string[] = [];
    await story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async (check) => {
        story.noteExchange(exchange({ status: 200 }));
        check.equal('number', 1, 2);
        seen.push('the rest of the step');
      });
      await story.step('后', 'after', async () => void seen.push('the next step'));
    });
    expect(seen).toEqual(['the rest of the step', 'the next step']);
    expect(story.outcome).toMatchObject({ steps: 2, checks: 1 });
    expect(story.outcome.failures).toHaveLength(1);
    const text = lines.join('\n');
    expect(text).toContain('expected: 2');
    expect(text).toContain('came:     1');
    expect(text).toContain('GET /api/v1/unions/cn');
  });

  test('shows the request that brought an answer, though others came after it', async () => {
    const { story, lines } = told();
    await story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async (check) => {
        const answer = { members: 1 };
        story.noteExchange(exchange({ path: '/first', answer }));
        story.noteExchange(exchange({ path: '/second', answer: { members: 2 } }));
        check.equal('members', answer, { members: 2 });
      });
    });
    expect(lines.join('\n')).toContain('GET /first');
  });

  test('leaves out the rest of a chapter whose step breaks off, and tells what needs it as failed', async () => {
    const { story } = told();
    const seen: string[] = [];
    const result = await story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async () => {
        throw new UnexpectedAnswer(exchange({ status: 500 }));
      });
      seen.push('the rest of the chapter');
      return 1;
    });
    await story.chapter('二', 'two', async () => needed(result, 'a number'));
    expect(seen).toEqual([]);
    expect(result).toBeUndefined();
    expect(story.outcome.failures).toHaveLength(2);
  });

  test('an answer that is no problem document is no refusal', async () => {
    const { story } = told();
    await story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async (check) => {
        const plain = exchange({ status: 404, answer: { code: 'union-unknown' } });
        check.refused('plain', plain, { status: 404, code: 'union-unknown' });
      });
    });
    expect(story.outcome).toMatchObject({ checks: 2 });
    expect(story.outcome.failures).toHaveLength(2);
  });

  test('a refusal without a reason for its field does not hold', async () => {
    const { story } = told();
    const problem = {
      type: '/problems/union-unknown',
      title: 't',
      detail: 'd',
      remedy: 'r',
      status: 404,
      code: 'union-unknown',
      errors: [{ field: 'unionId', code: 'union-unknown', reason: ' ' }],
    };
    await story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async (check) => {
        const headers = new Headers({ 'content-type': 'application/problem+json; charset=utf-8' });
        const refused = exchange({ status: 404, headers, answer: problem });
        check.refused('a', refused, { status: 404, code: 'union-unknown' });
        check.refused('b', refused, { status: 404, code: 'union-unknown', field: 'unionId' });
      });
    });
    expect(story.outcome.failures).toHaveLength(1);
  });

  test('numbers of people are masked where a request is shown', async () => {
    const { story, lines } = told();
    await story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async (check) => {
        const body = '{"citizenNumber":"370202199001019991","mobile":"10012345678"}';
        check.equal('x', 1, 2, exchange({ status: 200, body }));
      });
    });
    const text = lines.join('\n');
    expect(text).toContain('370202********9991');
    expect(text).not.toContain('19900101');
    expect(text).not.toContain('10012345678');
  });

  test('stands still where it is aborted', async () => {
    const abort = new AbortController();
    const story = new Story(() => undefined, abort.signal);
    const telling = story.chapter('一', 'one', async () => {
      await story.step('步', 'step', async () => {
        abort.abort();
        throw new Error('the request was aborted');
      });
    });
    await expect(telling).rejects.toThrow(abort.signal.reason);
    expect(story.outcome.failures).toEqual([]);
  });
});

function told(): { readonly story: Story; readonly lines: string[] } {
  const lines: string[] = [];
  const story = new Story((line) => void lines.push(line), new AbortController().signal);
  return { story, lines };
}

function exchange(change: Partial<Exchange>): Exchange {
  return {
    method: 'GET',
    path: '/api/v1/unions/cn',
    sent: {},
    body: '',
    status: 200,
    headers: new Headers({ 'content-type': 'application/json' }),
    answer: {},
    content: new Uint8Array(),
    ...change,
  };
}
