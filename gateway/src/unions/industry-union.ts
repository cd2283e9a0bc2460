import type { GatewayContext } from '../context.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { UnionDocument } from '../read-models/federation/documents.ts';
import { unionTypes } from './answers.ts';

/** National industry unions stand outside nearly every jurisdiction, and everybody knows them. */
export async function requireIndustryUnion(
  { federation }: GatewayContext,
  scope: Scope,
  unionId: string,
  field = 'industryParentId',
): Promise<void> {
  if (unionId === '') return;
  const union = (await federation.get('unions', unionId)) as UnionDocument | undefined;
  if (union !== undefined && unionTypes.toWord(union.type) === 'industry') return;
  await scope.requirePlace(unionId, field, 'parent-unknown');
}
