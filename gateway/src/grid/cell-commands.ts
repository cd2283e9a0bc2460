import { CellCadreRole } from '@unionfold/contracts';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, commandOrigin } from '../http/exchange.ts';
import { body, operation } from '../http/operation.ts';
import { requireMember } from '../members/commands.ts';
import { requireCell } from './sight.ts';

const cadreRoles = enumWords({
  responsible: CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE,
  assistant: CellCadreRole.CELL_CADRE_ROLE_ASSISTANT,
});

const roles = ['cadre'] as const;
const cellParams = Type.Object({ cellId: Type.String() });
const nameField = Type.String({ maxLength: 400, description: '网格名称 | Its name.' });

/** What cadres do with cells: 划定, 更名, 指派与卸任网格员, 撤销. */
export function cellCommands(api: Api, context: GatewayContext): void {
  const { grid } = context.services;

  api.post(
    '/cells',
    operation({
      id: 'drawCell',
      tag: 'grid',
      summary: { zh: '划定网格', en: 'Draw a cell' },
      roles,
      command: 'plain',
      body: body(
        {
          unionId: idField('所属工会 | The union that it belongs to.'),
          name: nameField,
          upperCellId: Type.Optional(
            idField('微网格的上级网格 | The cell above, of a micro-cell.'),
          ),
          regionCode: Type.Optional(
            Type.String({ maxLength: 16, description: 'GB/T 2260, GB/T 10114' }),
          ),
        },
        {
          examples: [{ unionId: 'cn-370202', name: '香港中路第一网格', regionCode: '370202' }],
        },
      ),
      status: 201,
      ...accepts,
      problems: [
        'union-unknown',
        'union-not-live',
        'union-dissolved',
        'union-suspended',
        'name-missing',
        'name-too-long',
        'region-code-unknown',
        'cell-unknown',
        'upper-cell-invalid',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { unionId, name, upperCellId = '', regionCode = '' } = request.body;
      await scope.requirePlace(unionId);
      if (upperCellId !== '') {
        await requireCell(context, request, scope, upperCellId, 'upperCellId');
      }
      return accepted(
        reply,
        await grid.drawCell({ cellId: '', unionId, name, upperCellId, regionCode }, origin),
        (id) => `/api/v1/cells/${id}`,
      );
    },
  );

  api.post(
    '/cells/:cellId/rename',
    operation({
      id: 'renameCell',
      tag: 'grid',
      summary: { zh: '网格更名', en: 'Rename a cell' },
      roles,
      command: 'guarded',
      params: cellParams,
      body: body({ name: nameField, ...reasonField, ...versionField }),
      ...accepts,
      problems: ['cell-unknown', 'cell-closed', 'name-missing', 'name-too-long'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { cellId } = request.params;
      const { name, reason = '', expectedVersion: inBody } = request.body;
      await requireCell(context, request, await scopeOf(context, request), cellId);
      const seen = expectedVersion(request.headers['if-match'], inBody);
      return accepted(
        reply,
        await grid.renameCell({ cellId, name, reason, expectedVersion: seen }, origin),
      );
    },
  );

  api.post(
    '/cells/:cellId/cadres',
    operation({
      id: 'assignCellCadre',
      tag: 'grid',
      summary: { zh: '指派网格员', en: 'Have a member look after a cell' },
      description:
        '网格员须为网格所属工会及其下级的在册会员;责任人只有一名,新指派的接替原责任人。\n\n' +
        'A live member of the cell’s union or of one below it. One is responsible: a new one takes the place.',
      roles,
      command: 'guarded',
      params: cellParams,
      body: body(
        {
          memberId: idField('网格员 | The member.'),
          role: wordSchema(cadreRoles, '责任人、协助 | Responsible, assisting.'),
          ...versionField,
        },
        { examples: [{ memberId: '01k2ab3cd4ef5gh6jk7m', role: 'responsible' }] },
      ),
      ...accepts,
      problems: ['cell-unknown', 'cell-closed', 'member-unknown', 'cell-cadre-not-a-member'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { cellId } = request.params;
      const { memberId, role, expectedVersion: inBody } = request.body;
      await requireCell(context, request, scope, cellId);
      await requireMember(context, request, scope, memberId);
      const seen = expectedVersion(request.headers['if-match'], inBody);
      return accepted(
        reply,
        await grid.assignCellCadre(
          { cellId, memberId, role: cadreRoles.toValue(role), expectedVersion: seen },
          origin,
        ),
      );
    },
  );

  api.post(
    '/cells/:cellId/cadres/:memberId/release',
    operation({
      id: 'releaseCellCadre',
      tag: 'grid',
      summary: { zh: '网格员卸任', en: 'Release a cadre from a cell' },
      roles,
      command: 'guarded',
      params: Type.Object({ cellId: Type.String(), memberId: Type.String() }),
      body: body({ ...reasonField, ...versionField }),
      ...accepts,
      problems: ['cell-unknown', 'cell-closed', 'cell-cadre-unknown'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { cellId, memberId } = request.params;
      const { reason = '', expectedVersion: inBody } = request.body;
      await requireCell(context, request, await scopeOf(context, request), cellId);
      const seen = expectedVersion(request.headers['if-match'], inBody);
      return accepted(
        reply,
        await grid.releaseCellCadre({ cellId, memberId, reason, expectedVersion: seen }, origin),
      );
    },
  );

  api.post(
    '/cells/:cellId/close',
    operation({
      id: 'closeCell',
      tag: 'grid',
      summary: { zh: '撤销网格', en: 'Close a cell' },
      description:
        '网格内有单位或微网格的,须指定接续的网格。\n\n' +
        'A cell that is not empty needs a successor, which takes its employers and micro-cells.',
      roles,
      command: 'guarded',
      params: cellParams,
      body: body({
        successorCellId: Type.Optional(idField('接续的网格 | The cell that takes what is in it.')),
        ...reasonField,
        ...versionField,
      }),
      ...accepts,
      problems: ['cell-unknown', 'cell-not-empty', 'successor-cell-invalid'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { cellId } = request.params;
      const { successorCellId = '', reason = '', expectedVersion: inBody } = request.body;
      await requireCell(context, request, scope, cellId);
      if (successorCellId !== '') {
        await requireCell(context, request, scope, successorCellId, 'successorCellId');
      }
      const seen = expectedVersion(request.headers['if-match'], inBody);
      return accepted(
        reply,
        await grid.closeCell({ cellId, successorCellId, reason, expectedVersion: seen }, origin),
      );
    },
  );
}
