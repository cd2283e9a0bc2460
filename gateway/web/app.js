/** The plain page: the tree of unions, opened level by level, with the totals of every subtree. */

const texts = {
  en: {
    skip: 'Skip to the tree',
    subtitle: 'one platform for unions of every level',
    account: 'Signed in as',
    api: 'API document, OpenAPI 3.1',
    ready: 'State',
    find: 'Find unions (name, pinyin, initials, code)',
    go: 'Find',
    results: 'Found',
    organizations: 'Unions',
    name: 'Name',
    unions: 'Unions',
    members: 'Members',
    cases: 'Open cases',
    paid: 'Aid paid (CNY)',
    none: 'Nothing found.',
    more: 'More …',
    open: 'Open',
    pending: 'not approved yet',
    dissolved: 'dissolved',
    synthetic: 'made up',
    noAccounts: 'The first load is still under way; reload the page in a moment.',
  },
  zh: {
    none: '没有找到。',
    more: '更多…',
    open: '展开',
    pending: '待批复',
    dissolved: '已撤销',
    synthetic: '示例',
    noAccounts: '首次载入尚未完成,请稍后刷新页面。',
  },
};
for (const node of document.querySelectorAll('[data-text]')) {
  texts.zh[node.dataset.text] = node.textContent;
}

let language = 'zh';
let token = '';
let unionId = '';

const tree = document.querySelector('#tree');
const message = document.querySelector('#message');
const results = document.querySelector('#results');
const found = document.querySelector('#found');
const account = document.querySelector('#account');

async function call(path, options = {}) {
  const answer = await fetch(`/api/v1${path}`, {
    ...options,
    headers: {
      'accept-language': language,
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${body.title}: ${body.detail}`);
  return body;
}

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function counts({ unions, members, openCases, paidFen }) {
  const number = new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en');
  return [unions, members, openCases, paidFen / 100].map((value) =>
    element('span', { textContent: number.format(value) }),
  );
}

function row(union, depth) {
  const item = element('li');
  const toggle = element('button', { type: 'button', textContent: '▸' });
  toggle.setAttribute('aria-expanded', 'false');
  toggle.setAttribute('aria-label', `${texts[language].open} ${union.name}`);
  const tags = [
    union.status === 'active' ? '' : texts[language][union.status],
    union.synthetic ? texts[language].synthetic : '',
  ].filter((tag) => tag !== '');
  const name = element(
    'span',
    { className: 'name' },
    toggle,
    element('span', { textContent: union.name }),
    ...tags.map((tag) => element('span', { className: 'tag', textContent: tag })),
  );
  name.style.setProperty('--depth', depth);
  item.append(element('div', { className: 'row' }, name, ...counts(union.statistics)));
  toggle.addEventListener('click', () => guarded(() => open(item, toggle, union, depth)));
  return item;
}

async function open(item, toggle, union, depth) {
  const below = item.querySelector(':scope > ul');
  const expanded = toggle.getAttribute('aria-expanded') === 'true';
  toggle.setAttribute('aria-expanded', String(!expanded));
  toggle.textContent = expanded ? '▸' : '▾';
  if (below !== null) {
    below.hidden = expanded;
    return;
  }
  const list = element('ul');
  item.append(list);
  await page(list, union, depth, '');
}

async function page(list, union, depth, cursor) {
  const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  const { items, next } = await call(`/unions/${union.id}/children?limit=100${query}`);
  list.append(...items.map((child) => row(child, depth + 1)));
  if (next === undefined) return;
  const more = element('button', { type: 'button', textContent: texts[language].more });
  const line = element('li', {}, more);
  more.addEventListener('click', () =>
    guarded(async () => {
      line.remove();
      await page(list, union, depth, next);
    }),
  );
  list.append(line);
}

async function showTree() {
  tree.replaceChildren();
  found.hidden = true;
  const root = await call(`/unions/${unionId}`);
  if (root.statistics === undefined) root.statistics = await call(`/unions/${unionId}/statistics`);
  const item = row(root, 0);
  tree.append(item);
  item.querySelector('button').click();
}

async function signIn(name) {
  token = '';
  const signedIn = await call('/sign-in', {
    method: 'POST',
    body: JSON.stringify({ account: name }),
  });
  token = signedIn.token;
  unionId = signedIn.unionId;
  await showTree();
}

/** Pages read for one search at most: a page may come empty before the last. */
const mostPages = 10;

async function search(query) {
  const items = [];
  let cursor = '';
  for (let pages = 0; pages < mostPages && items.length < 50; pages++) {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await call(`/unions?query=${encodeURIComponent(query)}&limit=50${after}`);
    items.push(...page.items);
    if (page.next === undefined) break;
    cursor = page.next;
  }
  found.hidden = false;
  results.replaceChildren(
    ...items.map((union) => element('li', { textContent: `${union.name} (${union.id})` })),
  );
  if (items.length === 0) results.append(element('li', { textContent: texts[language].none }));
}

async function guarded(work) {
  message.textContent = '';
  try {
    await work();
  } catch (error) {
    message.textContent = error.message;
  }
}

function speak() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const node of document.querySelectorAll('[data-text]')) {
    node.textContent = texts[language][node.dataset.text];
  }
}

document.querySelector('#language').addEventListener('click', (event) => {
  language = language === 'zh' ? 'en' : 'zh';
  event.target.textContent = language === 'zh' ? 'English' : '中文';
  event.target.lang = language === 'zh' ? 'en' : 'zh-CN';
  speak();
  if (token !== '') guarded(showTree);
});
document.querySelector('#search').addEventListener('submit', (event) => {
  event.preventDefault();
  guarded(() => search(document.querySelector('#query').value));
});
account.addEventListener('change', () => guarded(() => signIn(account.value)));

await guarded(async () => {
  const { items } = await call('/sign-in');
  const cadres = items.filter(({ role }) => role === 'cadre');
  account.append(
    ...cadres.map((one) => element('option', { value: one.account, textContent: one.title })),
  );
  if (cadres.length === 0) {
    message.textContent = texts[language].noAccounts;
    return;
  }
  const first = cadres.find((one) => one.account === 'national') ?? cadres[0];
  account.value = first.account;
  await signIn(first.account);
});
