import { homedir } from 'node:os';
import { join } from 'node:path';

import { readSigning } from './signing-settings.ts';
import type { SigningSettings } from './signing-settings.ts';
import { emptyWorkerConfig, readWorkerConfig } from './worker-config.ts';
import type { WorkerConfig } from './worker-config.ts';

/** Everything an operator can set, checked and completed. Read from the environment by `main/` only. */
export interface Settings {
  readonly app: AppSettings | null;
  readonly githubApiUrl: string;
  /** Base of links for people; derived from the API's address when not set. */
  readonly githubUrl: string;
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  /** Separates several installations on one Redis or database. */
  readonly queuePrefix: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly webhookPath: string;
  /** Address under which people reach this server, without a slash at the end; null when only GitHub does. */
  readonly publicUrl: string | null;
  /** What the keys in links to evidence are made with; null: the webhook secret. */
  readonly linkSecret: string | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty';
  /** Attempts at the same time in one worker process. */
  readonly workerConcurrency: number;
  readonly leaseMs: number;
  /** How long a job stays taken without a sign of life from its process. */
  readonly queueLockMs: number;
  /** Time that running work gets to finish after SIGTERM. */
  readonly drainMs: number;
  /** Pause between two writes to GitHub for one installation. */
  readonly writeSpacingMs: number;
  /** Pause between two looks at what is under way on GitHub; 0 leaves everything to webhooks. */
  readonly reconcileMs: number;
  /** Environment name of what this process may use of the proxy settings for git. */
  readonly gitEnv: Readonly<Record<string, string>>;
  /** The chat model of `llm` steps; null when there is none. */
  readonly model: { readonly url: string; readonly key: string | null; readonly model: string } | null;
  readonly signing: SigningSettings;
  /** What steps may reach. */
  readonly workerConfig: WorkerConfig;
}

export interface AppSettings {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
}

export interface SettingProblem {
  readonly name: string;
  readonly message: string;
}

export type SettingsResult = { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly SettingProblem[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Secrets that documentation, tools and Probot itself use as placeholders. */
const knownSecrets: ReadonlySet<string> = new Set(['development', 'secret', 'changeme', 'change-me', 'test', 'password', 'your-webhook-secret', 'webhook-secret']);
const shortestSecret = 16;

/**
 * Reads settings; all problems at once, each naming the variable, what was found, what was expected and the way out. Values
 * of secrets never appear in a problem. `readFile` is used for paths that settings name only.
 * `allowEntryProblem` says what is wrong with a host or network of the latter.
 */
export function readSettings(env: Environment, readFile: (path: string) => string, allowEntryProblem: (entry: string) => string | null = () => null): SettingsResult {
  const problems: SettingProblem[] = [];
  const note = (name: string, message: string) => problems.push({ name, message });
  const number = (name: string, fallback: number, low: number, high: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) note(name, `found ${quote(text)}, expected a whole number from ${low} to ${high}`);
    return value;
  };
  const choice = <T extends string>(name: string, fallback: T, allowed: readonly T[]): T => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const found = allowed.find((value) => value === text);
    if (found === undefined) note(name, `found ${quote(text)}, expected one of ${allowed.join(', ')}`);
    return found ?? fallback;
  };
  const url = (name: string, protocols: readonly string[]) => readUrl(env, name, protocols, note);
  const githubApiUrl = (url('GITHUB_API_URL', ['https:', 'http:']) ?? 'https://api.github.com').replace(/\/+$/, '');
  const settings: Settings = {
    app: readApp(env, readFile, note),
    githubApiUrl,
    githubUrl: (url('GITHUB_URL', ['https:', 'http:']) ?? webUrlOf(githubApiUrl)).replace(/\/+$/, ''),
    databaseUrl: url('DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: url('MISSIONGATE_REDIS_URL', ['redis:', 'rediss:']),
    queuePrefix: prefix(env.MISSIONGATE_QUEUE_PREFIX, note),
    dataDir: dataFolder(env),
    host: env.HOST || '127.0.0.1',
    port: number('PORT', 3000, 0, 65_535),
    webhookPath: env.WEBHOOK_PATH || '/api/github/webhooks',
    publicUrl: url('MISSIONGATE_PUBLIC_URL', ['https:', 'http:'])?.replace(/[/?#]+$/, '') ?? null,
    linkSecret: linkSecret(env.MISSIONGATE_LINK_SECRET, note),
    logLevel: choice('LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error']),
    logFormat: choice('LOG_FORMAT', env.NODE_ENV === 'production' ? 'json' : 'pretty', ['json', 'pretty']),
    workerConcurrency: number('MISSIONGATE_WORKER_CONCURRENCY', 4, 1, 1000),
    leaseMs: number('MISSIONGATE_LEASE_SECONDS', 30, 1, 3600) * 1000,
    queueLockMs: number('MISSIONGATE_QUEUE_LOCK_SECONDS', 15, 1, 3600) * 1000,
    drainMs: number('MISSIONGATE_DRAIN_SECONDS', 25, 0, 3600) * 1000,
    reconcileMs: number('MISSIONGATE_RECONCILE_SECONDS', 60, 0, 3600) * 1000,
    writeSpacingMs: number('MISSIONGATE_GITHUB_WRITE_SPACING_MS', 1000, 0, 60_000),
    gitEnv: pick(env, ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy', 'GIT_SSL_CAINFO', 'SSL_CERT_FILE']),
    ...reachOf(env, readFile, allowEntryProblem, note),
  };
  if (settings.redisUrl !== null && settings.databaseUrl === null) {
    note('DATABASE_URL', 'MISSIONGATE_REDIS_URL is set, but the state would live in this process alone: set DATABASE_URL to a PostgreSQL server, or unset MISSIONGATE_REDIS_URL');
  }
  return problems.length === 0 ? { ok: true, settings } : { ok: false, problems };
}

/** What steps may reach, and the key that a ledger is signed with: the settings of a run without a server. */
export type ReachSettings = Pick<Settings, 'model' | 'signing' | 'workerConfig'>;

/** These settings alone, whatever the others hold. Same parameters and promises as `readSettings`. */
export function readReach(env: Environment, readFile: (path: string) => string, allowEntryProblem: (entry: string) => string | null): { readonly ok: true; readonly settings: ReachSettings } | { readonly ok: false; readonly problems: readonly SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const settings = reachOf(env, readFile, allowEntryProblem, (name, message) => problems.push({ name, message }));
  return problems.length === 0 ? { ok: true, settings } : { ok: false, problems };
}

function reachOf(env: Environment, readFile: (path: string) => string, allowEntryProblem: (entry: string) => string | null, note: (name: string, message: string) => void): ReachSettings {
  return { model: readModel(env, note), signing: readSigning(env, readFile, note), workerConfig: readWorker(env, readFile, allowEntryProblem, note) };
}

function readUrl(env: Environment, name: string, protocols: readonly string[], note: (name: string, message: string) => void): string | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
  note(name, `expected a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
  return null;
}

function readModel(env: Environment, note: (name: string, message: string) => void): Settings['model'] {
  const base = readUrl(env, 'MISSIONGATE_MODEL_URL', ['https:', 'http:'], note);
  const model = env.MISSIONGATE_MODEL ?? '';
  if (base === null) {
    if (model !== '' && !env.MISSIONGATE_MODEL_URL) note('MISSIONGATE_MODEL_URL', 'is missing: MISSIONGATE_MODEL names a model, but no server (like https://api.openai.com/v1)');
    return null;
  }
  if (model === '') note('MISSIONGATE_MODEL', 'is missing: set the name of the model that MISSIONGATE_MODEL_URL offers');
  return { url: base, key: env.MISSIONGATE_MODEL_KEY || null, model };
}

function readWorker(env: Environment, readFile: (path: string) => string, allowEntryProblem: (entry: string) => string | null, note: (name: string, message: string) => void): WorkerConfig {
  const name = 'MISSIONGATE_WORKER_CONFIG';
  const path = env[name];
  if (!path) return emptyWorkerConfig;
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    note(name, `cannot read ${quote(path)}: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'}`);
    return emptyWorkerConfig;
  }
  const result = readWorkerConfig(path, text, { env, allowEntryProblem });
  if (result.ok) return result.config;
  for (const problem of result.problems) note(name, problem);
  return emptyWorkerConfig;
}

function prefix(text: string | undefined, note: (name: string, message: string) => void): string {
  if (text === undefined || text === '') return 'missiongate';
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(text)) note('MISSIONGATE_QUEUE_PREFIX', `found ${quote(text)}, expected 1 to 60 letters, digits, "-" and "_"`);
  return text;
}

function linkSecret(text: string | undefined, note: (name: string, message: string) => void): string | null {
  if (text === undefined || text === '') return null;
  if (text.length < shortestSecret || knownSecrets.has(text.toLowerCase())) note('MISSIONGATE_LINK_SECRET', `expected at least ${shortestSecret} characters that nobody can guess: make them with \`openssl rand -hex 32\``);
  return text;
}

/** Where this process keeps what is not in a server: embedded database, mirrors, worktrees, the App's settings. */
export function dataFolder(env: Environment): string {
  return env.MISSIONGATE_DATA_DIR || join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'missiongate');
}

function readApp(env: Environment, readFile: (path: string) => string, note: (name: string, message: string) => void): AppSettings | null {
  if (!env.APP_ID && !env.PRIVATE_KEY && !env.PRIVATE_KEY_PATH) return null;
  const appId = Number(env.APP_ID);
  if (!Number.isInteger(appId) || appId <= 0) note('APP_ID', `found ${quote(env.APP_ID ?? '')}, expected the number shown on the App's settings page`);
  const privateKey = readPrivateKey(env, readFile, note);
  const webhookSecret = env.WEBHOOK_SECRET ?? '';
  if (webhookSecret === '') note('WEBHOOK_SECRET', 'is missing: set the secret of the App (without one anybody could send webhooks)');
  else if (knownSecrets.has(webhookSecret.toLowerCase())) note('WEBHOOK_SECRET', 'is a well-known placeholder: make one with `openssl rand -hex 32` and set it here and in the App');
  else if (webhookSecret.length < shortestSecret) note('WEBHOOK_SECRET', `is only ${webhookSecret.length} characters long, expected at least ${shortestSecret}: make one with \`openssl rand -hex 32\``);
  return { appId, privateKey, webhookSecret };
}

function readPrivateKey(env: Environment, readFile: (path: string) => string, note: (name: string, message: string) => void): string {
  let text = env.PRIVATE_KEY ?? '';
  let name = 'PRIVATE_KEY';
  if (text === '' && env.PRIVATE_KEY_PATH) {
    name = 'PRIVATE_KEY_PATH';
    try {
      text = readFile(env.PRIVATE_KEY_PATH);
    } catch (error) {
      note(name, `cannot read ${quote(env.PRIVATE_KEY_PATH)}: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'}`);
      return '';
    }
  }
  if (text === '') {
    note('PRIVATE_KEY', "is missing: set it to the App's private key (PEM), or PRIVATE_KEY_PATH to its file");
    return '';
  }
  const pem = asPem(text);
  if (pem === null) note(name, 'holds no private key: expected PEM text that starts with "-----BEGIN … PRIVATE KEY-----" (line breaks may be written as \\n, or the whole in base64)');
  return pem ?? '';
}

function asPem(text: string): string | null {
  const isPem = (candidate: string) => /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----/.test(candidate);
  const lines = text.replaceAll('\\n', '\n');
  if (isPem(lines)) return lines;
  const decoded = Buffer.from(text, 'base64').toString();
  return isPem(decoded) ? decoded : null;
}

/** `https://api.github.com` → `https://github.com`; `https://ghes.example/api/v3` → `https://ghes.example`. */
function webUrlOf(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (url.hostname === 'api.github.com') return 'https://github.com';
  return `${url.protocol}//${url.host}`;
}

function pick(env: Environment, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
