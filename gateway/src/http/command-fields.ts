import Type from 'typebox';
import { Accepted } from './exchange.ts';

/** Why something is done; kept on record. */
export const reasonField = {
  reason: Type.Optional(Type.String({ maxLength: 1_000, description: '事由 | Why.' })),
};

/** The version that the caller saw, where it does not send `If-Match`. */
export const versionField = {
  expectedVersion: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: '同 If-Match | The same as If-Match.',
    }),
  ),
};

/** The id of something named in a body. */
export function idField(description: string) {
  return Type.String({ minLength: 1, maxLength: 64, description });
}

/** An amount of money, in fen. */
export function fenField(description: string) {
  return Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });
}

/** What a command answers. */
export const accepts = {
  answer: Accepted,
  answerDescription: '已受理并落盘 · Accepted and durable',
};
