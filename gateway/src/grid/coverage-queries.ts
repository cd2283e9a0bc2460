import { chinaDate } from '@unionfold/codes';
import type { Document } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation, textEnum } from '../http/operation.ts';
import { type DocumentList, pageFields, pageOf, readPage } from '../http/page.ts';
import type { StatisticsDocument } from '../read-models/federation/documents.ts';
import type { CellDocument, EmployerDocument } from '../read-models/federation/grid-documents.ts';
import type { GridTotals } from '../read-models/federation/grid-totals.ts';
import { cellAnswer, cellRef, employerAnswer, employerRef } from './answers.ts';
import { type CoverageRules, coverageRulesInForce } from './coverage-rules/coverage-rules.ts';
import { insideOf } from './sight.ts';

const unionParams = Type.Object({ unionId: Type.String() });
const roles = ['cadre', 'operator'] as const;

const Share = Type.Object({
  known: Type.Integer({ description: '已掌握 | Known.' }),
  covered: Type.Integer({ description: '已建会 | Covered by a union.' }),
  inCells: Type.Integer({ description: '已入网格 | In cells.' }),
  coveredRate: Type.Optional(
    Type.Number({ description: '建会率,0 至 1 | From 0 to 1; absent where nothing is known.' }),
  ),
  inCellsRate: Type.Optional(Type.Number({ description: '网格覆盖率 | From 0 to 1.' })),
});

/** How far unions and cells reach in a subtree. */
const Coverage = Type.Object(
  {
    employers: Share,
    employees: Share,
    cells: Type.Object({
      drawn: Type.Integer({ description: '在用网格 | Live cells, micro-cells included.' }),
      withoutCadre: Type.Integer({ description: '无责任人 | Without a responsible cadre.' }),
    }),
  },
  {
    $id: 'Coverage',
    examples: [
      {
        employers: { known: 420, covered: 315, inCells: 378, coveredRate: 0.75, inCellsRate: 0.9 },
        employees: {
          known: 21_000,
          covered: 18_900,
          inCells: 20_160,
          coveredRate: 0.9,
          inCellsRate: 0.96,
        },
        cells: { drawn: 24, withoutCadre: 2 },
      },
    ],
  },
);

const kinds = [
  'employer-without-cell',
  'employer-without-union',
  'cell-without-cadre',
  'employer-prompts-union',
] as const;

/** What the grid does not reach: an employer or a cell. */
const BlindSpot = Type.Object({
  employer: Type.Optional(employerRef),
  cell: Type.Optional(cellRef),
});

/** Coverage and blind spots of the grid (覆盖与盲区). */
export function coverageQueries(api: Api, context: GatewayContext): void {
  const { federation, clock } = context;
  api.addSchema(Coverage);

  api.get(
    '/unions/:unionId/coverage',
    operation({
      id: 'getCoverage',
      tag: 'grid',
      summary: { zh: '建会与网格覆盖情况', en: 'How far unions and cells reach' },
      description: '含下级工会 | The subtree.',
      roles,
      params: unionParams,
      answer: Coverage,
      problems: ['union-unknown'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id } = await scope.requireUnion(request.params.unionId);
      const statistics = await federation.get('statistics', id);
      return coverage((statistics as StatisticsDocument | undefined)?.grid);
    },
  );

  api.get(
    '/unions/:unionId/blind-spots',
    operation({
      id: 'listBlindSpots',
      tag: 'grid',
      summary: { zh: '覆盖盲区', en: 'What unions and cells do not reach' },
      description:
        '未入网格的单位;达到建会人数而未建会的单位;无责任人的网格;会员之家中同一单位会员较多、提示建会的单位。' +
        '人数标准依当日施行的规定。\n\n' +
        'Employers in no cell; employers large enough for a union that have none; cells without a responsible cadre; ' +
        'employers without a union where many members work. The thresholds are those in force on the day.',
      roles,
      params: unionParams,
      querystring: Type.Object({ kind: textEnum(kinds), ...pageFields }),
      answer: pageOf(BlindSpot),
      problems: ['union-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const union = await scope.requireUnion(request.params.unionId);
      const { kind, ...page } = request.query;
      const today = chinaDate(clock());
      const list = { ...blindSpots(kind, today), prefix: { path: union.path }, mark: kind };
      const found = await readPage(federation, list, page);
      if (kind === 'cell-without-cadre') {
        const items = found.items.map((cell) => ({ cell: cellAnswer(cell as CellDocument) }));
        return { ...found, items };
      }
      const employers = found.items as readonly EmployerDocument[];
      const inside = await insideOf(federation, employers);
      return {
        ...found,
        items: employers.map((employer) => ({
          employer: employerAnswer(employer, scope, inside),
        })),
      };
    },
  );
}

function coverage(totals: GridTotals | undefined): Static<typeof Coverage> {
  return {
    employers: share(totals?.employers, totals?.coveredEmployers, totals?.cellEmployers),
    employees: share(totals?.employees, totals?.coveredEmployees, totals?.cellEmployees),
    cells: { drawn: totals?.cells ?? 0, withoutCadre: totals?.cadrelessCells ?? 0 },
  };
}

function share(known = 0, covered = 0, inCells = 0): Static<typeof Share> {
  const rate = (part: number) => Math.round((part / known) * 10_000) / 10_000;
  return {
    known,
    covered,
    inCells,
    ...(known === 0 ? {} : { coveredRate: rate(covered), inCellsRate: rate(inCells) }),
  };
}

function blindSpots(kind: (typeof kinds)[number], today: string): DocumentList {
  const orderBy = ['path', 'id'];
  const employers = { collection: 'employers', orderBy } as const;
  switch (kind) {
    case 'employer-without-cell':
      return { ...employers, where: { counted: true, inCell: false } };
    case 'employer-without-union':
      return {
        ...employers,
        where: { counted: true, covered: false },
        keep: reaches(today, ({ employees }, { committeeFrom }) => employees >= committeeFrom),
      };
    case 'employer-prompts-union':
      return {
        ...employers,
        where: { counted: true, covered: false, hasWorkers: true },
        keep: reaches(today, ({ workers }, { promptFrom }) => workers >= promptFrom),
      };
    case 'cell-without-cadre':
      return { collection: 'cells', orderBy, where: { live: true, hasCadre: false } };
  }
}

/** Judged when it is asked: a threshold may change overnight, and no document does. */
function reaches(
  today: string,
  test: (employer: EmployerDocument, rules: CoverageRules) => boolean,
): (document: Document) => boolean {
  return (document) => {
    const employer = document as EmployerDocument;
    const rules = coverageRulesInForce(employer.regionCode, today);
    return rules !== undefined && test(employer, rules);
  };
}
