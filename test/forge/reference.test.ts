import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { allRoutes } from '../../src/forge/routes/all-routes.ts';
import type { Route } from '../../src/forge/rest/router.ts';

const WHO: Readonly<Record<Route['access']['by'], string>> = { app: 'App (JWT)', installation: 'installation', user: 'person', member: 'person, installation', anyone: 'anyone who sees it' };

describe('docs/reference/forge.md', () => {
  it('lists exactly the endpoints there are, with who may call them', async () => {
    const text = await readFile(new URL('../../docs/reference/forge.md', import.meta.url), 'utf8');
    const listed = text.split('\n').filter((line) => /^\| `(GET|POST|PUT|PATCH|DELETE) /.test(line));
    const served = allRoutes({} as Parameters<typeof allRoutes>[0]).map(({ method, template, access }) => {
      const permission = (access.permission ?? []).map(([name, level]) => `${name}: ${level}`).join(' or ') || '–';
      return `| \`${method} ${template}\` | ${WHO[access.by]} | ${permission} | ${access.role ?? '–'} |`;
    });
    expect(listed).toEqual(served);
  });
});
