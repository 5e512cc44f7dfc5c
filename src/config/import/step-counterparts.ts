import { splitWords } from '../../core/command/split-words.ts';
import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';

/** What a step of the source format is here, or why it is nothing here. */
export type Counterpart = { readonly uses: string; readonly with: JsonObject; readonly unknown: readonly string[] } | { readonly refused: string };

type Make = (parameters: Parameters) => { readonly uses: string; readonly with: Readonly<Record<string, Json | undefined>> } | { readonly refused: string };

/** The parameters of a step, by any of the names they go by; what was not asked for is unknown. */
class Parameters {
  readonly #given: JsonObject;
  readonly #asked = new Set<string>();

  constructor(given: JsonObject) {
    this.#given = given;
  }

  take(...names: readonly string[]): Json | undefined {
    for (const name of names) this.#asked.add(plain(name));
    for (const [name, value] of Object.entries(this.#given)) if (names.some((one) => plain(one) === plain(name)) && value !== null) return value;
    return undefined;
  }

  get unknown(): readonly string[] {
    return Object.keys(this.#given).filter((name) => !this.#asked.has(plain(name)));
  }
}

function plain(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_').toLowerCase();
}

/** Files by any of their names. */
const from = ['source', 'from', 'src', 'source_path'];
const to = ['destination', 'to', 'dest', 'target', 'destination_path'];

function below(folder: Json | undefined, glob: string): string {
  const clean = typeof folder === 'string' ? folder.replace(/^\.\/|\/+$/g, '') : '';
  return clean === '' || clean === '.' ? glob : `${clean}/${glob}`;
}

function parsing(uses: string): Make {
  return (p) => ({ uses, with: { file: p.take('path', 'file', 'file_path'), text: p.take('content', 'text', 'input', 'data', 'string'), select: p.take('select', 'query', 'json_path', 'pointer') } });
}

function fromTo(uses: string): Make {
  return (p) => ({ uses, with: { from: p.take(...from), to: p.take(...to), overwrite: p.take('overwrite', 'force') } });
}

/** Program and arguments: `command` with `args`, or a whole line in `command`. */
function argv(p: Parameters): readonly Json[] | undefined | { readonly refused: string } {
  const command = p.take('command', 'cmd', 'program');
  const args = p.take('args', 'arguments');
  if (command === undefined) return undefined;
  if (Array.isArray(command)) return command as readonly Json[];
  if (Array.isArray(args)) return [command, ...(args as readonly Json[])];
  if (typeof command !== 'string') return [command];
  const words = splitWords(command, { refuseShell: true });
  if (words.ok) return words.value.map((word) => word.text);
  return { refused: words.error.code === 'unclosed-quote' ? `the quote ${words.error.found} in its command is not closed` : `its command holds ${words.error.found}, which only a shell would understand; put the line into a script file of the repository and run that` };
}

function program(uses: string, more: (p: Parameters) => Readonly<Record<string, Json | undefined>> = () => ({})): Make {
  return (p) => {
    const run = argv(p);
    if (run !== undefined && 'refused' in run) return run;
    const { framework, ...others } = more(p);
    // Where the program is named, the framework only says what it is.
    return { uses, with: { run, cwd: p.take('cwd', 'working_dir', 'working_directory'), 'timeout-seconds': p.take('timeout', 'timeout_seconds'), ...others, framework: run === undefined ? framework : undefined } };
  };
}

const command = program('command', (p) => ({ env: p.take('env', 'environment') }));

/** What has a counterpart, by its name in snake case. */
const COUNTERPARTS: Readonly<Record<string, Make>> = {
  create_file: (p) => ({ uses: 'file.write', with: { path: p.take('path', 'file', 'file_path'), content: p.take('content', 'text') ?? '', executable: p.take('executable') } }),
  edit_file: (p) => {
    const path = p.take('path', 'file', 'file_path');
    const find = p.take('find', 'search', 'old', 'old_text', 'old_content', 'pattern');
    const replace = p.take('replace', 'replacement', 'new', 'new_text', 'new_content');
    const content = p.take('content');
    if (find !== undefined) return { uses: 'file.edit', with: { path, edits: [{ find, replace: replace ?? '' }] } };
    return content === undefined ? { refused: 'it says neither what to find and replace nor the new content' } : { uses: 'file.write', with: { path, content } };
  },
  delete_file: (p) => ({ uses: 'file.delete', with: { path: p.take('path', 'file', 'file_path'), 'if-exists': p.take('if_exists', 'ignore_missing', 'force') } }),
  copy_file: fromTo('file.copy'),
  move_file: fromTo('file.move'),
  read_file: (p) => ({ uses: 'file.read', with: { path: p.take('path', 'file', 'file_path'), 'max-bytes': p.take('max_bytes') } }),
  list_directory: (p) => {
    const pattern = p.take('pattern', 'glob');
    const isDeep = p.take('recursive') === true;
    return { uses: 'file.list', with: { files: [below(p.take('path', 'directory', 'dir'), typeof pattern === 'string' ? (isDeep && !pattern.includes('/') ? `**/${pattern}` : pattern) : isDeep ? '**' : '*')] } };
  },
  file_search: (p) => {
    const glob = p.take('file_pattern', 'glob', 'include');
    const folder = p.take('path', 'directory', 'dir');
    return { uses: 'file.search', with: { regex: p.take('pattern', 'regex'), text: p.take('text', 'query', 'content'), 'ignore-case': p.take('ignore_case', 'case_insensitive'), 'max-matches': p.take('max_results', 'limit'), files: glob === undefined && folder === undefined ? undefined : [below(folder, typeof glob === 'string' ? (glob.includes('/') ? glob : `**/${glob}`) : '**')] } };
  },
  parse_json: parsing('data.json'),
  parse_yaml: parsing('data.yaml'),
  parse_xml: parsing('data.xml'),
  csv_process: (p) => ({ uses: 'data.csv', with: { file: p.take('path', 'file', 'file_path'), text: p.take('content', 'text', 'input', 'data'), header: p.take('header', 'has_header', 'has_headers'), delimiter: p.take('delimiter', 'separator'), select: p.take('select') } }),
  validate_schema: (p) => {
    const schema = p.take('schema');
    const file = typeof schema === 'string' ? schema : p.take('schema_path', 'schema_file');
    return { uses: 'data.validate', with: { file: p.take('path', 'file', 'file_path'), value: p.take('data', 'value', 'input'), ...(isJsonObject(schema) ? { schema } : { 'schema-file': file }) } };
  },
  run_tests: program('test.run', (p) => ({ framework: p.take('framework'), reports: p.take('reports') })),
  lint_code: program('lint.run', (p) => ({ framework: p.take('framework', 'linter') })),
  format_code: program('format.run', (p) => ({ framework: p.take('framework', 'formatter') })),
  git_status: () => ({ uses: 'git.status', with: {} }),
  git_diff: (p) => ({ uses: 'git.diff', with: { from: p.take('from', 'base'), to: p.take('to', 'target', 'head') } }),
  // What earlier tasks changed is committed already: which files to add says nothing here.
  git_commit: (p) => (p.take('files', 'paths', 'add_all', 'all'), { uses: 'git.commit', with: { message: p.take('message') } }),
  git_branch: (p) => {
    const action = p.take('action') ?? 'create';
    if (action !== 'create') return { refused: `its action is ${JSON.stringify(action)}, and branches are only created here` };
    p.take('checkout', 'create');
    return { uses: 'git.branch', with: { name: p.take('name', 'branch', 'branch_name'), from: p.take('from', 'base', 'start_point') } };
  },
  git_merge: (p) => ({ uses: 'git.merge', with: { from: p.take('branch', 'from', 'source', 'source_branch'), message: p.take('message') } }),
  service_health: (p) => {
    const host = p.take('host');
    const status = p.take('expected_status', 'expect', 'status');
    const port = p.take('port');
    return { uses: 'service.health', with: { url: p.take('url', 'endpoint'), tcp: host === undefined ? undefined : { host, port }, expect: status === undefined ? undefined : Array.isArray(status) ? status : [status], 'within-seconds': p.take('timeout', 'timeout_seconds'), 'every-seconds': p.take('interval', 'interval_seconds') } };
  },
  compress: (p) => {
    const what = p.take('files', 'paths', 'source', 'path', 'input');
    const files = (Array.isArray(what) ? (what as readonly Json[]) : [what]).map((one) => (typeof one === 'string' && !/[*?{[]/.test(one) && !/\.[A-Za-z0-9]+$/.test(one) ? below(one, '**') : (one ?? null)));
    const format = p.take('format');
    return { uses: 'archive.create', with: { files, to: p.take('output', 'destination', 'to', 'archive', 'output_path'), format: format === 'tgz' || format === 'gzip' || format === 'tar_gz' ? 'tar.gz' : format } };
  },
  sql_query: (p) => ({ uses: 'sql.query', with: { connection: p.take('connection', 'database', 'db'), query: p.take('query', 'sql'), values: p.take('params', 'values', 'arguments', 'bindings'), write: p.take('write') } }),
  command,
  compile_code: command,
  http: (p) => {
    const body = p.take('body', 'data', 'json');
    const method = p.take('method');
    const status = p.take('expected_status', 'expect');
    return { uses: 'http', with: { url: p.take('url'), method: typeof method === 'string' ? method.toUpperCase() : method, headers: p.take('headers'), ...(typeof body === 'string' ? { body } : { json: body }), expect: status === undefined ? undefined : Array.isArray(status) ? status : [status], 'timeout-seconds': p.take('timeout', 'timeout_seconds') } };
  },
  noop: (p) => {
    const delay = p.take('delay', 'delay_seconds', 'duration');
    const message = p.take('message');
    return typeof delay === 'number' && delay > 0 ? { uses: 'wait', with: { duration: `${Math.ceil(delay)}s` } } : { uses: 'noop', with: { message } };
  },
  // The worker's configuration says which provider answers; a definition cannot.
  llm: (p) => (p.take('provider'), { uses: 'llm', with: { prompt: p.take('prompt', 'input'), system: p.take('system', 'system_prompt'), model: p.take('model'), temperature: p.take('temperature'), 'max-tokens': p.take('max_tokens') } }),
  model_inference: (p) => (p.take('provider'), { uses: 'llm', with: { prompt: p.take('prompt', 'input', 'text'), model: p.take('model', 'model_name'), temperature: p.take('temperature'), 'max-tokens': p.take('max_tokens') } }),
  tool: (p) => {
    const named = p.take('tool', 'name', 'tool_name');
    const [server, ...rest] = typeof named === 'string' ? named.split(/[./:]/) : [];
    const given = p.take('server');
    const isSplit = given === undefined && rest.length > 0;
    return { uses: 'tool', with: { server: given ?? (isSplit ? server : 'default'), tool: isSplit ? rest.join('.') : named, arguments: p.take('parameters', 'arguments', 'params', 'input') } };
  },
  agent: (p) => {
    const prompt = p.take('objective', 'prompt', 'goal', 'task');
    const tools = p.take('tools');
    const rounds = p.take('max_iterations');
    p.take('name');
    const limits = [Array.isArray(tools) && tools.length > 0 ? `Use these tools only: ${tools.join(', ')}.` : '', typeof rounds === 'number' ? `Come to an end within ${rounds} rounds.` : ''].filter((line) => line !== '');
    return { uses: 'agent', with: { prompt: limits.length > 0 && typeof prompt === 'string' ? `${prompt}\n\n${limits.join('\n')}` : prompt } };
  },
};

const byProgram = 'name a program for it with "command" and "args"';

/** What has none, with the way out. */
const REFUSED: Readonly<Record<string, string>> = {
  extract_functions: byProgram, generate_docs: byProgram, ping_host: 'use "service_health" with a host and a port',
  process_start: 'programs end with their task; start it in the script of the task that needs it', process_kill: 'programs end with their task', monitor_resources: 'limits and measurements of programs are kept for every task anyway',
  redis_set: byProgram, redis_get: byProgram, db_backup: byProgram, db_migrate: byProgram, websocket_connect: byProgram,
  ftp_upload: byProgram, ftp_download: byProgram, ssh_execute: 'give the work to a runner on that machine',
  generate_embedding: 'use a tool ("tool")', similarity_search: 'use a tool ("tool")', rag_query: 'use a tool ("tool")', rag_add: 'use a tool ("tool")',
  policy: 'policies are kept in the policy file, not in a mission', safety: 'policies are kept in the policy file, not in a mission', audit: 'everything is recorded in the ledger anyway; leave the step out',
};

/** Every step type of the source format, in snake case. */
export const sourceStepTypes: readonly string[] = [...Object.keys(COUNTERPARTS), 'chain', ...Object.keys(REFUSED)].toSorted();

/** `create_file` and `CreateFile` are one name. */
export function sourceStepName(written: string): string {
  return plain(written);
}

/** The counterpart of a step (not of a chain, which is several). Null for a name the source format does not have. */
export function counterpartOf(name: string, given: JsonObject): Counterpart | null {
  const refused = REFUSED[name];
  if (refused !== undefined) return { refused: `there is no counterpart here; ${refused}` };
  const make = COUNTERPARTS[name];
  if (!make) return null;
  const parameters = new Parameters(given);
  if (name === 'compile_code' && parameters.take('command', 'cmd', 'program') === undefined) return { refused: `there is no counterpart here; ${byProgram}` };
  const made = make(parameters);
  if ('refused' in made) return made;
  return { uses: made.uses, with: Object.fromEntries(Object.entries(made.with).filter(([, value]) => value !== undefined)), unknown: parameters.unknown };
}
