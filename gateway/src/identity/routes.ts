import Type from 'typebox';
import type { Api } from '../http/exchange.ts';
import { body, operation, textEnum } from '../http/operation.ts';
import { refused } from '../http/refused.ts';
import { roles } from './caller.ts';
import type { DevelopmentIssuer } from './issuer.ts';

const Account = Type.Object({
  account: Type.String(),
  title: Type.String(),
  unionId: Type.String(),
  role: textEnum(roles),
});

const SignIn = body(
  {
    account: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    unionId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    role: Type.Optional(textEnum(roles)),
    memberId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    person: Type.Optional(
      Type.String({
        maxLength: 64,
        description: '区分同一工会的不同人员 | Tells apart people of one union.',
      }),
    ),
  },
  { examples: [{ account: 'municipal' }, { unionId: 'cn-37', role: 'cadre', person: 'a' }] },
);

/** The development issuer's sign-in (登录). */
export function signInRoutes(api: Api, issuer: DevelopmentIssuer): void {
  api.get(
    '/sign-in',
    operation({
      id: 'listAccounts',
      tag: 'sign-in',
      summary: { zh: '可用的登录账号', en: 'The registered accounts' },
      isPublic: true,
      answer: Type.Object({ items: Type.Array(Account) }),
    }),
    async () => ({
      items: (await issuer.accounts()).map(({ account, title, unionId, role }) => ({
        account,
        title,
        unionId,
        role,
      })),
    }),
  );

  api.post(
    '/sign-in',
    operation({
      id: 'signIn',
      tag: 'sign-in',
      summary: { zh: '登录', en: 'Sign in' },
      description:
        '开发用签发者:任何人可以任何身份登录 | Development issuer: anybody may sign in as anybody.',
      isPublic: true,
      body: SignIn,
      answer: Type.Object({
        token: Type.String(),
        expiresIn: Type.Integer({ description: '秒 | Seconds.' }),
        subject: Type.String(),
        unionId: Type.String(),
        role: textEnum(roles),
        memberId: Type.String(),
      }),
      problems: ['account-unknown'],
    }),
    async (request) => {
      const { account, unionId, role, memberId, person } = request.body;
      if (account === undefined && role === 'worker') required(memberId, 'memberId');
      const signedIn =
        account === undefined
          ? await issuer.signIn({
              unionId: required(unionId, 'unionId'),
              role: required(role, 'role'),
              ...(memberId === undefined ? {} : { memberId }),
              ...(person === undefined ? {} : { person }),
            })
          : await issuer.signInAs(account);
      if (signedIn === undefined) throw refused('account-unknown', { field: 'account' });
      const { token, expiresIn, caller } = signedIn;
      return { token, expiresIn, ...caller };
    },
  );
}

function required<Value>(value: Value | undefined, field: string): Value {
  if (value === undefined) throw refused('field-missing', { field });
  return value;
}
