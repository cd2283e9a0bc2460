import { isProblemCode, problems } from '@unionfold/contracts/problems';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayWorld } from '../gateway-world.fixture.ts';

interface Schema {
  readonly examples?: readonly unknown[];
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
      }
    >
  >;
}

let world: GatewayWorld;
let document: {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly tags: readonly { readonly name: string }[];
};
let operations: (Operation & { readonly path: string; readonly method: string })[];

beforeAll(async () => {
  world = await GatewayWorld.open();
  document = (await world.send('GET', '/api/v1/openapi.json')).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method })),
  );
});

afterAll(async () => {
  await world.close();
});

describe('The API document', () => {
  it('is OpenAPI 3.1 and names every operation once, in two languages, under a known tag', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations.length).toBeGreaterThan(35);
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id) => id === undefined)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { summary, tags: used } of operations) {
      expect(summary).toMatch(/\p{Script=Han}.* · [\w]/u);
      expect(used.every((tag) => tags.has(tag))).toBe(true);
    }
  });

  it('refers to nothing that it does not hold', () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
    const targets = [...new Set([...references].map(([, target = '']) => target))];
    expect(targets.length).toBeGreaterThan(10);
    for (const target of targets) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(target) ?? [];
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  it('declares every part of an address as a parameter', () => {
    for (const { path, parameters = [] } of operations) {
      const declared = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      const used = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(declared).toEqual(used);
    }
  });

  it('has a schema for every answer, and problem documents for all that goes wrong', () => {
    for (const { operationId, responses } of operations) {
      for (const [status, { content }] of Object.entries(responses)) {
        // Whether it is ready or not, the same is told of every part.
        const isProblem = Number(status) >= 400 && `${operationId} ${status}` !== 'readiness 503';
        const types = Object.keys(content ?? {});
        expect(types, `${operationId} ${status}`).toEqual([
          isProblem ? 'application/problem+json' : 'application/json',
        ]);
        for (const { schema } of Object.values(content ?? {})) {
          expect(Object.keys(schema).length).toBeGreaterThan(0);
        }
      }
    }
  });

  it('tells of a gateway that is not ready, with the same answer', () => {
    const readiness = operations.find(({ operationId }) => operationId === 'readiness');
    const [ready, not] = ['200', '503'].map((status) => readiness?.responses[status]);
    const schema = ready?.content?.['application/json']?.schema;
    expect(schema).toHaveProperty('properties.parts');
    expect(not?.content?.['application/json']?.schema).toEqual({
      ...schema,
      description: not?.description,
    });
  });

  it('tells under each status the codes that come with it', () => {
    for (const { responses } of operations) {
      for (const [status, { description }] of Object.entries(responses)) {
        for (const [, code = ''] of description.matchAll(/`([\w-]+)`/g)) {
          expect(isProblemCode(code) && problems[code].http).toBe(Number(status));
        }
      }
    }
  });

  it('asks for a sign-in wherever one is needed', () => {
    const open = operations.filter(({ security }) => security?.length === 0);
    expect(open.map(({ operationId }) => operationId).toSorted()).toEqual([
      'explainProblem',
      'health',
      'listAccounts',
      'readiness',
      'signIn',
    ]);
  });

  it('is of schemas that its examples keep', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'document', ...document });
    const inDocument = (schema: Schema) =>
      JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'));
    const shared = Object.values(document.components.schemas);
    const bodies = operations.flatMap(({ requestBody }) =>
      Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
    );
    let tried = 0;
    for (const schema of [...shared, ...bodies]) {
      const validate = ajv.compile(inDocument(schema));
      for (const example of schema.examples ?? []) {
        tried++;
        expect(validate(example), JSON.stringify([example, validate.errors])).toBe(true);
      }
    }
    expect(tried).toBeGreaterThan(10);
  });
});

describe('The page', () => {
  it('runs and loads nothing but its own files', async () => {
    const page = await world.send('GET', '/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self'/,
    );
    expect(page.body).not.toMatch(/https?:\/\/|<script>|style=|onclick/);
    for (const [, file = ''] of page.body.matchAll(/(?:src|href)="(\/[\w.]+)"/g)) {
      expect((await world.send('GET', file)).status, file).toBeLessThan(500);
    }
  });
});
