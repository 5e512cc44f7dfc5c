/**
 * Where GitHub's description (not the forge) is wrong or stricter than GitHub itself. One line, one reason. An entry that
 * no longer matches anything should go; nothing else is forgiven.
 */

/** Formats that are accepted as they come. */
export const LENIENT_FORMATS: readonly string[] = [
  'repo.nwo', // GitHub's own word, unknown to JSON Schema
  'timestamp', // GitHub's own word
  'int32', // a number's width says nothing about its JSON
  'int64', // a number's width says nothing about its JSON
  'double', // a number's width says nothing about its JSON
  'binary', // a file's bytes are not JSON
  'email', // GitHub's no-reply addresses of Apps hold brackets: 41898282+github-actions[bot]@users.noreply.github.com
];

export interface KnownFault {
  /** `response`, `request` or `webhook`. */
  readonly where: 'response' | 'request' | 'webhook';
  /** The operation (`GET /app`) or webhook key. */
  readonly key: RegExp;
  /** The place in the body, as ajv writes it. */
  readonly at: RegExp;
  readonly keyword: string;
  readonly reason: string;
}

const LISTED_INSTALLATION = { where: 'response', key: /^GET \/app\/installations$/, at: /^\/\d+\/account$/ } as const;
const LISTED_ACCOUNT = 'the list writes "a user and an enterprise" (allOf) where the single installation says "either" (anyOf)';

export const KNOWN_FAULTS: readonly KnownFault[] = [
  { ...LISTED_INSTALLATION, keyword: 'required', reason: LISTED_ACCOUNT },
  { ...LISTED_INSTALLATION, keyword: 'type', reason: LISTED_ACCOUNT },
  { where: 'webhook', key: /./, at: /\/(?:performed_via_github_app|app)\/events\/\d+$/, keyword: 'enum', reason: 'the lists of events an App may hear are older than `merge_group`, which has a webhook of its own in the same description' },
];

/** Statuses any operation may answer although the description lists them for few: they are documented in prose only. */
export const UNDOCUMENTED_STATUSES: readonly number[] = [400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 502, 503];

/** Paths GitHub serves that the description writes differently. */
export const PATH_ALIASES: Readonly<Record<string, string>> = {
  '/repos/{owner}/{repo}/contents': '/repos/{owner}/{repo}/contents/{path}',
  '/repos/{owner}/{repo}/contents/': '/repos/{owner}/{repo}/contents/{path}',
};

/** Operations marked as closed to installation tokens; an App as itself calls them with its JSON Web Token. */
export const APP_OPERATIONS: ReadonlySet<string> = new Set([
  'GET /app', // "you must use a JWT to access this endpoint"
  'GET /app/hook/config',
  'PATCH /app/hook/config',
  'GET /app/hook/deliveries',
  'GET /app/hook/deliveries/{delivery_id}',
  'POST /app/hook/deliveries/{delivery_id}/attempts',
  'GET /app/installations',
  'GET /repos/{owner}/{repo}/installation', // "you must use a JWT to access this endpoint"
  'GET /app/installations/{installation_id}',
  'DELETE /app/installations/{installation_id}',
  'PUT /app/installations/{installation_id}/suspended',
  'DELETE /app/installations/{installation_id}/suspended',
]);
