/**
 * Cuts GitHub's REST description down to what the forge serves and emits.
 *
 *   npx tsx scripts/make-openapi-extract.mjs <api.github.com.json of @octokit/openapi> <its version>
 *
 * The package is large and only its one file is read, so it is not a dependency: fetch it somewhere else
 * (`npm pack @octokit/openapi`), pass the path, and commit what this writes to test/support/openapi/.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { allRoutes } from '../src/forge/routes/all-routes.ts';
import { WEBHOOK_KEYS } from '../test/support/openapi/webhook-keys.ts';

const [source, version] = process.argv.slice(2);
if (source === undefined || version === undefined) {
  console.error('usage: npx tsx scripts/make-openapi-extract.mjs <api.github.com.json> <version of @octokit/openapi>');
  process.exit(2);
}

const description = JSON.parse(readFileSync(source, 'utf8'));

/** Words for people, and what the validator does not look at. */
const DROPPED = new Set(['description', 'summary', 'example', 'examples', 'externalDocs', 'tags', 'discriminator', 'title', 'deprecated', 'default', 'links', 'headers', 'readOnly', 'writeOnly']);

/** A copy without prose. Inside `properties` the keys are names, never keywords. */
function strip(node, insideProperties = false) {
  if (Array.isArray(node)) return node.map((item) => strip(item));
  if (typeof node !== 'object' || node === null) return node;
  const result = {};
  for (const [key, value] of Object.entries(node)) {
    if (!insideProperties && (DROPPED.has(key) || key.startsWith('x-'))) continue;
    result[key] = !insideProperties && (key === 'enum' || key === 'required') ? value : strip(value, !insideProperties && key === 'properties');
  }
  return result;
}

const reached = new Set();

/** Notes every component a node refers to, and theirs. */
function follow(node) {
  if (Array.isArray(node)) {
    for (const item of node) follow(item);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.$ref === 'string' && !reached.has(node.$ref)) {
    reached.add(node.$ref);
    const [, , kind, name] = node.$ref.split('/');
    follow(strip(description.components[kind][name]));
  }
  for (const value of Object.values(node)) follow(value);
}

const paths = {};
const missing = [];
for (const route of allRoutes({})) {
  const operation = description.paths[route.template]?.[route.method.toLowerCase()];
  if (operation === undefined) {
    missing.push(`${route.method} ${route.template}`);
    continue;
  }
  const kept = {
    operationId: operation.operationId,
    parameters: strip(operation.parameters ?? []),
    ...(operation.requestBody === undefined ? {} : { requestBody: strip(operation.requestBody) }),
    responses: strip(operation.responses),
    'x-github': { enabledForGitHubApps: operation['x-github'].enabledForGitHubApps },
  };
  follow(kept);
  paths[route.template] ??= {};
  paths[route.template][route.method.toLowerCase()] = kept;
}

const webhooks = {};
for (const key of WEBHOOK_KEYS) {
  const webhook = description['x-webhooks'][key];
  if (webhook === undefined) throw new Error(`the description has no webhook "${key}"`);
  webhooks[key] = strip(webhook.post.requestBody.content['application/json'].schema);
  follow(webhooks[key]);
}
for (const name of ['basic-error', 'validation-error', 'validation-error-simple']) {
  const $ref = `#/components/schemas/${name}`;
  follow({ $ref });
}

const components = {};
for (const ref of [...reached].toSorted((one, other) => one.localeCompare(other, 'en'))) {
  const [, , kind, name] = ref.split('/');
  components[kind] ??= {};
  components[kind][name] = strip(description.components[kind][name]);
}

const extract = { source: '@octokit/openapi', version, license: 'MIT, see NOTICE.md', description: description.info.version, paths, webhooks, components };
const target = fileURLToPath(new URL('../test/support/openapi/github-extract.json', import.meta.url));
writeFileSync(target, `${JSON.stringify(extract)}\n`);
console.log(`${Object.keys(paths).length} paths, ${Object.keys(webhooks).length} webhooks, ${Object.keys(components.schemas).length} schemas, ${Math.round(JSON.stringify(extract).length / 1024)} KiB`);
console.log(`not in the description (aliases and GraphQL): ${missing.join(', ')}`);
