import swagger from '@fastify/swagger';
import type { Api } from './exchange.ts';

const tags = [
  ['sign-in', '登录', 'Development sign-in'],
  ['unions', '工会组织', 'Every level’s unions and their statistics'],
  ['changes', '变更事项', 'Structural changes: proposed, approved, in effect, undone'],
  ['imports', '导入导出', 'Tables of unions: imports as resumable jobs, exports'],
  ['members', '会员', 'Real-name members'],
  ['hardship-cases', '困难帮扶', 'Hardship cases'],
  ['fund-lines', '资金项', 'Fund lines'],
  ['resources', '共享资源', 'Resources that unions share'],
  ['bookings', '资源预约', 'Bookings of shared resources'],
  ['committees', '委员会与换届选举', 'Elections, terms, officers and their duties'],
  ['employers', '用人单位', 'Employers, whether or not a union covers them'],
  ['grid', '网格', 'Cells of the grid, their cadres and what they cover'],
  ['inbox', '收件箱', 'Notices'],
  ['operations', '运维', 'Consumers, dead letters, rebuilds'],
  ['code-tables', '代码表', 'National code tables with their dates'],
  ['platform', '平台', 'Health, problems, this document'],
] as const;

/** Makes the API document (OpenAPI 3.1) out of the routes that are added after it. */
export async function documentApi(api: Api, version: string): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Unionfold',
        version,
        description:
          '多层级工会平台的统一接口。每个调用者只看到本工会及下级的内容,范围之外与不存在无异。' +
          '金额以分为单位;问题以 application/problem+json 返回,`type` 稳定不变。\n\n' +
          'One interface over every level of unions. A caller sees the subtree of its own union; what lies outside ' +
          'is answered like what does not exist. Amounts are in fen. Every error is a problem document (RFC 9457) ' +
          'with a stable `type`. Commands answer with a position; send it with a query, and the query sees the command.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: tags.map(([name, zh, en]) => ({ name, description: `${zh} · ${en}` })),
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ bearer: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `schema-${index}`,
    },
  });
}
