import { ResourceAudience, ResourceKind } from '@unionfold/contracts';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField, reasonField } from '../http/command-fields.ts';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, commandOrigin } from '../http/exchange.ts';
import { body, operation, reference } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import { pathIds, type ResourceDocument } from '../read-models/federation/documents.ts';

const kinds = enumWords({
  venue: ResourceKind.RESOURCE_KIND_VENUE,
  course: ResourceKind.RESOURCE_KIND_COURSE,
  lawyer: ResourceKind.RESOURCE_KIND_LAWYER,
  expert: ResourceKind.RESOURCE_KIND_EXPERT,
  equipment: ResourceKind.RESOURCE_KIND_EQUIPMENT,
  fund: ResourceKind.RESOURCE_KIND_FUND,
});

const audiences = enumWords({
  subtree: ResourceAudience.RESOURCE_AUDIENCE_SUBTREE,
  neighbours: ResourceAudience.RESOURCE_AUDIENCE_NEIGHBOURS,
  all: ResourceAudience.RESOURCE_AUDIENCE_ALL,
});

/** A resource that a union offers. Who offers it is part of the offer, wherever that union stands. */
const SharedResource = Type.Object(
  {
    id: Type.String(),
    ownerUnionId: Type.String(),
    kind: wordSchema(kinds, '场馆、课程、律师、专家、设备、资金'),
    name: Type.String(),
    description: Type.String(),
    audience: wordSchema(
      audiences,
      '本级及下级、同级、全部 | The owner’s subtree, its neighbours’, everybody.',
    ),
    version: Type.Integer(),
  },
  {
    $id: 'SharedResource',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7r',
        ownerUnionId: 'cn-3702',
        kind: 'venue',
        name: '市工人文化宫报告厅',
        description: '可容纳 300 人,工作日可预约',
        audience: 'subtree',
        version: 1,
      },
    ],
  },
);

/** Resources that unions share across levels (共享资源). */
export function resourceRoutes(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  api.addSchema(SharedResource);

  api.post(
    '/resources',
    operation({
      id: 'offerResource',
      tag: 'resources',
      summary: { zh: '提供共享资源', en: 'Offer a resource' },
      roles: ['cadre'],
      command: 'plain',
      body: body(
        {
          ownerUnionId: Type.Optional(idField('提供的工会,默认本工会 | Default the caller’s.')),
          kind: wordSchema(kinds),
          name: Type.String({ maxLength: 400 }),
          description: Type.Optional(Type.String({ maxLength: 4_000 })),
          audience: wordSchema(audiences),
        },
        {
          examples: [
            {
              kind: 'venue',
              name: '市工人文化宫报告厅',
              description: '可容纳 300 人,工作日可预约',
              audience: 'subtree',
            },
          ],
        },
      ),
      status: 201,
      ...accepts,
      problems: [
        'union-unknown',
        'union-not-live',
        'name-missing',
        'name-too-long',
        'field-value-not-allowed',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { ownerUnionId = scope.unionId, kind, name, description = '', audience } = request.body;
      await scope.requirePlace(ownerUnionId, 'ownerUnionId');
      return accepted(
        reply,
        await services.organizations.offerResource(
          {
            resourceId: '',
            ownerUnionId,
            kind: kinds.toValue(kind),
            name,
            description,
            audience: audiences.toValue(audience),
          },
          origin,
        ),
        (id) => `/api/v1/resources/${id}`,
      );
    },
  );

  api.get(
    '/resources',
    operation({
      id: 'listResources',
      tag: 'resources',
      summary: { zh: '可用的共享资源', en: 'Resources that the caller’s union can use' },
      roles: ['cadre', 'worker'],
      querystring: Type.Object({
        owned: Type.Optional(
          Type.Boolean({
            description: '只列本级及下级提供的 | Only what the union and those below it offer.',
          }),
        ),
        ...pageFields,
      }),
      answer: pageOf(reference(SharedResource)),
      problems: ['page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const path = await scope.path();
      if (path === undefined) return { items: [] };
      const { owned = false, ...page } = request.query;
      const found = await readPage(
        federation,
        owned
          ? {
              collection: 'resources',
              where: { offered: true },
              prefix: { path },
              orderBy: ['path', 'id'],
              // A worker's union alone, without those below it.
              keep: (resource) => scope.covers((resource as ResourceDocument).path),
            }
          : {
              collection: 'resources',
              where: { offered: true, reach: await reachOf(scope) },
              orderBy: ['id'],
            },
        page,
      );
      return {
        ...found,
        items: found.items.map((resource) => resourceAnswer(resource as ResourceDocument)),
      };
    },
  );

  api.get(
    '/resources/:resourceId',
    operation({
      id: 'getResource',
      tag: 'resources',
      summary: { zh: '共享资源', en: 'One resource' },
      roles: ['cadre', 'worker'],
      params: Type.Object({ resourceId: Type.String() }),
      answer: SharedResource,
      problems: ['resource-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const resource = await visible(scope, request.params.resourceId);
      if (resource === undefined) throw refused('resource-unknown', { field: 'resourceId' });
      reply.header('etag', `"${resource.version}"`);
      return resourceAnswer(resource);
    },
  );

  api.post(
    '/resources/:resourceId/withdraw',
    operation({
      id: 'withdrawResource',
      tag: 'resources',
      summary: { zh: '撤回共享资源', en: 'Withdraw a resource' },
      roles: ['cadre'],
      command: 'plain',
      params: Type.Object({ resourceId: Type.String() }),
      body: body({ ...reasonField }),
      ...accepts,
      problems: ['resource-unknown', 'resource-withdrawn', 'resource-not-owned'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { resourceId } = request.params;
      const resource = (await federation.get('resources', resourceId)) as
        | ResourceDocument
        | undefined;
      if (resource === undefined || !scope.covers(resource.path)) {
        const isSeen = (await visible(scope, resourceId)) !== undefined;
        throw refused(isSeen ? 'resource-not-owned' : 'resource-unknown', { field: 'resourceId' });
      }
      const { ownerUnionId } = resource;
      return accepted(
        reply,
        await services.organizations.withdrawResource(
          { resourceId, ownerUnionId, reason: request.body.reason ?? '' },
          origin,
        ),
      );
    },
  );

  /** A resource that reaches the caller's union, or that the union or one below it offers. */
  async function visible(scope: Scope, resourceId: string): Promise<ResourceDocument | undefined> {
    const found = (await federation.get('resources', resourceId)) as ResourceDocument | undefined;
    if (found === undefined) return undefined;
    if (!found.offered) return undefined;
    const isVisible = scope.covers(found.path) || (await reachOf(scope)).includes(found.reach);
    return isVisible ? found : undefined;
  }
}

/** The reaches in which a union stands: everywhere, and below each union of its path. */
async function reachOf(scope: Scope): Promise<string[]> {
  const path = await scope.path();
  return path === undefined ? [] : ['*', ...pathIds(path)];
}

function resourceAnswer(resource: ResourceDocument): Static<typeof SharedResource> {
  const { id, ownerUnionId, name, description, version } = resource;
  const kind = kinds.toWord(resource.kind) ?? 'equipment';
  const audience = audiences.toWord(resource.audience) ?? 'subtree';
  return { id, ownerUnionId, kind, name, description, audience, version };
}
