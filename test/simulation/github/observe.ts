import { expect } from 'vitest';

import { sharedContract } from '../../support/openapi/forge-contract.ts';
import type { SimulatedGitHub } from './simulated-github.ts';

/** Holds every call, answer and webhook of a simulated GitHub to the real one's description. */
export function observe(gitHub: SimulatedGitHub): { readonly problems: () => readonly string[]; readonly routes: Set<string> } {
  const contract = sharedContract();
  const found = new Set<string>();
  const routes = new Set<string>();
  gitHub.observe = ({ method, path, query, body, route, answer }) => {
    routes.add(`${method} ${route}`);
    const { status } = answer;
    for (const problem of contract.request({ method, route, path, query, body, byApp: true })) found.add(`request ${problem}`);
    const written: unknown = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
    expect(written).toEqual(answer.body);
    for (const problem of contract.answer({ method, route, path, status, body: written, contentType: 'application/json' })) found.add(`answer ${problem}`);
  };
  return {
    routes,
    problems() {
      for (const { name, action, payload } of gitHub.deliveries) for (const problem of contract.webhook(name, action, JSON.parse(JSON.stringify(payload)))) found.add(problem);
      return [...found];
    },
  };
}
