import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { createMcpTools } from '../../src/agents/mcp-tools.ts';
import { createOpenAiCompatible } from '../../src/agents/openai-compatible.ts';
import type { JsonObject } from '../../src/kit/json.ts';
import { secretsByHost } from '../../src/main/outside.ts';
import { waitEnd } from '../../src/steps/wait.ts';
import { createNamedDatabases } from '../../src/store/named-databases.ts';
import { createTestDatabase, serversAvailable, statement, type TestDatabase } from '../support/servers.ts';
import { memoryOutside } from './support/memory-outside.ts';
import { createStepWorld, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
});
afterAll(() => steps.close());

describe('llm', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    }
  });

  /** A server in the form of OpenAI's; answers in turn, the last one again and again. */
  async function modelServer(...answers: readonly { status?: number; body: unknown }[]) {
    const seen: { url: string; authorization: string | undefined; body: Record<string, unknown> }[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        seen.push({ url: request.url ?? '', authorization: request.headers.authorization, body: JSON.parse(text) as Record<string, unknown> });
        const { status = 200, body } = answers[Math.min(seen.length, answers.length) - 1]!;
        response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const model = createOpenAiCompatible({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`, key: 'the-key', model: 'small-1' });
    return { seen, outside: memoryOutside({ model }) };
  }

  const saying = (content: string, more: Record<string, unknown> = {}) => ({ body: { model: 'small-1-2026', choices: [{ message: { content }, finish_reason: 'stop' }], usage: { prompt_tokens: 11, completion_tokens: 5 }, ...more } });

  test('asks the configured server and reports what it used', async () => {
    const { seen, outside } = await modelServer(saying('A slug is a short name.'));
    const { outcome } = await steps.run('llm', { prompt: 'What is a slug?', system: 'Be short.', temperature: 0, 'max-tokens': 50 }, { outside });
    expect(seen).toEqual([{ url: '/v1/chat/completions', authorization: 'Bearer the-key', body: { model: 'small-1', messages: [{ role: 'system', content: 'Be short.' }, { role: 'user', content: 'What is a slug?' }], max_tokens: 50, temperature: 0 } }]);
    expect(outcome).toMatchObject({ outputs: { text: 'A slug is a short name.', model: 'small-1-2026', tokens: 16 }, usage: { tokens: 16 } });
    expect(JSON.stringify(outcome)).not.toContain('the-key');
  });

  test('gives a value that follows the schema, also out of a code block', async () => {
    const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
    const { seen, outside } = await modelServer(saying('```json\n{"n": 3}\n```'));
    expect((await steps.run('llm', { prompt: 'Count.', schema }, { outside })).outcome.outputs['value']).toEqual({ n: 3 });
    expect(seen[0]?.body['response_format']).toMatchObject({ type: 'json_schema', json_schema: { schema } });
  });

  test.each([['{"n": "three"}', /does not follow the schema: \/n: must be integer/], ['Three.', /is not JSON/]])('fails as work when the answer is %s', async (content, reason) => {
    const { outside } = await modelServer(saying(content));
    const error = await steps.failing('llm', { prompt: 'Count.', schema: { properties: { n: { type: 'integer' } } } }, { outside });
    expect(error).toMatchObject({ failure: 'work', artifacts: [{ name: 'answer', text: content }] });
    expect(error.message).toMatch(reason);
  });

  test('says to a server what it understands', async () => {
    const { seen, outside } = await modelServer(
      { status: 400, body: { error: { message: "'response_format' of type 'json_schema' is not supported" } } },
      { status: 400, body: { error: { message: "Use 'max_completion_tokens' instead." } } },
      saying('1'),
    );
    expect((await steps.run('llm', { prompt: 'One.', schema: { type: 'integer' }, 'max-tokens': 9 }, { outside })).outcome.outputs['value']).toBe(1);
    expect(seen[2]?.body).toMatchObject({ max_completion_tokens: 9 });
    expect(seen[2]?.body).not.toHaveProperty('response_format');
  });

  test.each([[401, 'permission'], [404, 'environment'], [429, 'network'], [500, 'network'], [400, 'input']])('status %i is %s', async (status, failure) => {
    const { outside } = await modelServer({ status, body: { error: { message: 'because' } } });
    expect(await steps.failing('llm', { prompt: 'x' }, { outside })).toMatchObject({ failure, message: expect.stringContaining(`${status}: because`) });
  });

  test('an answer in another form, or cut off, is said to be one', async () => {
    expect(await steps.failing('llm', { prompt: 'x' }, { outside: (await modelServer({ body: '<html>' })).outside })).toMatchObject({ failure: 'environment' });
    const cut = await modelServer(saying('A slug', { choices: [{ message: { content: 'A slug' }, finish_reason: 'length' }] }));
    expect(await steps.failing('llm', { prompt: 'x' }, { outside: cut.outside })).toMatchObject({ failure: 'work', message: expect.stringContaining('max-tokens') });
  });

  test('tokens are counted here where the server does not', async () => {
    const { outside } = await modelServer(saying('hello', { usage: undefined }));
    const { outcome } = await steps.run('llm', { prompt: 'hello' }, { outside });
    expect(outcome.usage?.tokens).toBeGreaterThan(1);
  });

  test('a prompt that no model takes, and a schema that is none, cost no call', async () => {
    const { seen, outside } = await modelServer(saying('x'));
    expect(await steps.failing('llm', { prompt: 'word '.repeat(100_000) }, { outside })).toMatchObject({ failure: 'input', message: expect.stringContaining('tokens') });
    expect(await steps.failing('llm', { prompt: 'x', schema: { type: 'strnig' } }, { outside })).toMatchObject({ failure: 'input' });
    expect(await steps.failing('llm', { prompt: 'x' }, { outside: memoryOutside({ model: null }) })).toMatchObject({ failure: 'environment', message: expect.stringContaining('MISSIONGATE_MODEL_URL') });
    expect(seen).toEqual([]);
  });
});

describe('tool', () => {
  const tools = createMcpTools({ search: { command: process.execPath, args: ['--import', 'tsx', fileURLToPath(new URL('support/mcp-server.ts', import.meta.url))], env: { FIND_KEY: 'its key' } }, gone: { command: 'no-such-program-here', args: [], env: {} } }, '0.1.0');
  const outside = memoryOutside({ tools });
  const call = (tool: string, more: Record<string, unknown> = {}) => ({ server: 'search', tool, arguments: { query: 'slug' }, ...more });

  test('calls a real MCP server, which sees its own environment and not the worker’s', async () => {
    process.env['FAKE_WORKER_TOKEN'] = 'must-not-be-seen';
    const { outcome } = await steps.run('tool', call('find'), { outside });
    delete process.env['FAKE_WORKER_TOKEN'];
    expect(outcome.outputs).toEqual({ text: 'found slug with its key and nothing else', value: { found: ['slug'] } });
  });

  test('a tool that fails, floods, hangs or does not exist', async () => {
    expect(await steps.failing('tool', call('fail'), { outside })).toMatchObject({ failure: 'work', message: expect.stringContaining('the index is broken') });
    expect(await steps.failing('tool', call('flood'), { outside })).toMatchObject({ failure: 'work', message: expect.stringContaining('at most 1000000') });
    expect(await steps.failing('tool', call('hang', { 'timeout-seconds': 3 }), { outside })).toMatchObject({ failure: 'timeout' });
    expect(await steps.failing('tool', call('nothing'), { outside })).toMatchObject({ failure: 'input' });
    expect(await steps.failing('tool', call('find', { arguments: {} }), { outside })).toMatchObject({ failure: expect.stringMatching(/input|work/) });
  });

  test('a server that is not configured is refused with what is there, one that cannot start too', async () => {
    expect(await steps.failing('tool', call('find', { server: 'serch' }), { outside })).toMatchObject({ failure: 'environment', message: expect.stringContaining('Did you mean "search"?') });
    expect(await steps.failing('tool', call('find', { server: 'gone' }), { outside })).toMatchObject({ failure: 'environment', message: expect.stringContaining('could not be started') });
  });
});

describe.skipIf(!serversAvailable())('sql.query', () => {
  let database: TestDatabase;
  let outside: ReturnType<typeof memoryOutside>;
  beforeAll(async () => {
    database = await createTestDatabase();
    await statement(database.url, "create table orders (id int, state text, data jsonb, big bigint, at timestamptz); insert into orders select n, case when n % 2 = 0 then 'open' else 'closed' end, '{\"a\": [1]}', 9007199254740993, '2026-01-01T00:00:00Z' from generate_series(1, 500) n");
    outside = memoryOutside({ databases: createNamedDatabases({ reading: { url: database.url, write: false }, writing: { url: database.url, write: true }, gone: { url: 'postgres://nobody@127.0.0.1:1/none', write: false } }) });
  });
  afterAll(() => database.drop());
  const ask = async (parameters: JsonObject) => (await steps.run('sql.query', { connection: 'reading', ...parameters }, { outside })).outcome.outputs;
  const refused = (parameters: JsonObject) => steps.failing('sql.query', { connection: 'reading', ...parameters }, { outside });

  test('gives rows as JSON, big numbers and times to the last digit', async () => {
    expect(await ask({ query: 'select id, state, data, big, at from orders where id = $1', values: [2] })).toEqual({ columns: ['id', 'state', 'data', 'big', 'at'], rows: [{ id: 2, state: 'open', data: { a: [1] }, big: '9007199254740993', at: expect.stringContaining('2026-01-01') }], count: 1, truncated: false });
  });

  test('binds values, whatever they hold', async () => {
    expect(await ask({ query: 'select $1::text as text, $2::jsonb as data, $3::int[] as list', values: ["'; drop table orders; --", { a: [1] }, [1, 2]] })).toMatchObject({ rows: [{ text: "'; drop table orders; --", data: { a: [1] }, list: '{1,2}' }] });
    expect(await ask({ query: 'select count(*)::int as n from orders' })).toMatchObject({ rows: [{ n: 500 }] });
  });

  test('gives at most so many rows', async () => {
    expect(await ask({ query: 'select id from orders', 'max-rows': 3 })).toMatchObject({ count: 3, truncated: true });
    expect(await ask({ query: "select repeat('x', 1000) from orders" })).toMatchObject({ truncated: true });
  });

  test('only reads, whatever the statement tries', async () => {
    for (const query of ["update orders set state = 'x'", 'drop table orders', 'with gone as (delete from orders returning 1) select * from gone']) expect(await refused({ query })).toMatchObject({ failure: 'permission' });
    for (const query of ['commit; drop table orders', 'select 1; select 2', 'set transaction read write; delete from orders']) expect(await refused({ query })).toMatchObject({ failure: 'input' });
    await ask({ query: 'commit' }).catch(() => undefined);
    expect(await ask({ query: 'select count(*)::int as n from orders' })).toMatchObject({ rows: [{ n: 500 }] });
  });

  test('changes data where the step and the configuration say so, all or nothing', async () => {
    expect(await refused({ query: 'delete from orders', write: true })).toMatchObject({ failure: 'permission', message: expect.stringContaining('reading only') });
    expect(await ask({ connection: 'writing', query: "update orders set state = 'done' where id < $1", values: [11], write: true })).toMatchObject({ affected: 10 });
    expect(await refused({ connection: 'writing', query: "update orders set state = 'lost' returning id", write: true, 'max-rows': 5 })).toMatchObject({ failure: 'input', message: expect.stringContaining('not carried out') });
    expect(await ask({ query: "select count(*)::int as n from orders where state = 'lost'" })).toMatchObject({ rows: [{ n: 0 }] });
  });

  test('a statement that takes too long is ended', async () => {
    expect(await refused({ query: 'select pg_sleep(600)', 'timeout-seconds': 1 })).toMatchObject({ failure: 'timeout' });
  });

  test('mistakes, missing databases and unknown names are told apart', async () => {
    expect(await refused({ query: 'selct 1' })).toMatchObject({ failure: 'input', message: expect.stringContaining('42601') });
    expect(await refused({ connection: 'gone', query: 'select 1' })).toMatchObject({ failure: 'network' });
    expect(await refused({ connection: 'readng', query: 'select 1' })).toMatchObject({ failure: 'environment', message: expect.stringContaining('Did you mean "reading"?') });
    expect((await refused({ connection: 'gone', query: 'select 1' })).message).not.toContain('nobody');
  });
});

describe('wait', () => {
  test('lets the attempt’s clock run', async () => {
    const outside = memoryOutside();
    expect((await steps.run('wait', { duration: '30s' }, { outside })).outcome.outputs).toEqual({ 'waited-ms': 30_000, at: '2026-01-02T03:04:35.000Z' });
    expect((await steps.run('wait', { until: '2026-01-02T04:04:40+01:00' }, { outside })).outcome.outputs['waited-ms']).toBe(5000);
    expect((await steps.run('wait', { until: '2020-01-01T00:00:00Z' }, { outside })).outcome.outputs['waited-ms']).toBe(0);
    expect(outside.slept).toEqual([30_000, 5000]);
  });

  test('tells the engine when it ends', () => {
    expect(waitEnd({ duration: '1h30m' }, 1000)).toBe(1000 + 5_400_000);
    expect(waitEnd({ until: '1970-01-01T00:01:00Z' }, 1000)).toBe(60_000);
    expect(() => waitEnd({ until: 'tomorrow' }, 0)).toThrow('not an instant');
  });

  test('refuses what it cannot mean', async () => {
    for (const parameters of [{}, { duration: '31d' }, { duration: '90' }, { duration: '1h', until: '2026-01-01T00:00:00Z' }, { until: '2026-01-01' }, { until: '2026-13-01T00:00:00Z' }]) expect(steps.problems('wait', parameters)).not.toEqual([]);
    expect(await steps.failing('wait', { duration: '2h' }, { timeoutMs: 1000 })).toMatchObject({ failure: 'input', message: expect.stringContaining('timeout-minutes') });
  });

  test('a cancelled attempt waits no longer', async () => {
    expect(await steps.failing('wait', { duration: '30s' }, { signal: AbortSignal.abort() })).toMatchObject({ failure: 'cancelled' });
  });
});

describe('notify', () => {
  test('says it where it is told to; to the log where there is no issue', async () => {
    const outside = memoryOutside();
    const { outcome } = await steps.run('notify', { message: 'Done', to: ['log', 'issue'] }, { outside, hasIssue: true });
    expect(outcome).toMatchObject({ outputs: { to: ['log', 'issue'] }, notices: ['Done'] });
    expect(outside.logged).toEqual(['Done']);
    const local = (await steps.run('notify', { message: 'Done there', to: ['issue'] }, { outside })).outcome;
    expect(local).toMatchObject({ outputs: { to: ['log'] } });
    expect(local.notices).toBeUndefined();
    expect(outside.logged).toEqual(['Done', 'Done there']);
  });

  test('a webhook that refuses fails the step before anything else is said', async () => {
    const refusing = memoryOutside();
    const outside = { ...refusing, network: { ...refusing.network, request: async ({ url }: { url: string }) => ({ status: 403, headers: {}, body: Buffer.from(''), url }) } };
    expect(await steps.failing('notify', { message: 'x', to: ['log', 'webhook'], url: 'https://hooks.example.com' }, { outside })).toMatchObject({ failure: 'work' });
    expect(refusing.logged).toEqual([]);
    expect(steps.problems('notify', { message: 'x', to: ['webhook'] })).toEqual(['with.url is missing: "to" names the webhook.']);
  });
});

test('an approval names who may agree, by role or login', () => {
  expect(steps.problems('approval', { question: 'Go?', from: ['role:write', '@ada'] })).toEqual([]);
  for (const from of [[], ['everybody'], ['role:owner'], ['@-x']]) expect(steps.problems('approval', { question: 'Go?', from })).not.toEqual([]);
});

test('a secret goes to its hosts alone, and over https', () => {
  const secrets = secretsByHost({ API: { value: 'hunter2', hosts: ['api.example.com', '*.internal.example'] } });
  expect(secrets.forUrl('API', 'https://api.example.com/x')).toEqual({ ok: true, value: 'hunter2' });
  expect(secrets.forUrl('API', 'https://a.internal.example/x').ok).toBe(true);
  for (const url of ['https://api.example.com.evil.test/', 'https://evil.test/api.example.com', 'http://api.example.com/', 'https://internal.example/']) {
    const found = secrets.forUrl('API', url);
    expect(found.ok).toBe(false);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  }
  expect(secrets.forUrl('OTHER', 'https://api.example.com/')).toMatchObject({ ok: false, reason: expect.stringContaining('which has API') });
});

test('a step that needs the outside says so where there is none', async () => {
  for (const [name, parameters] of [['http', { url: 'https://example.com' }], ['llm', { prompt: 'x' }], ['wait', { duration: '1s' }]] as const) {
    const type = steps.registry.find(name)!;
    await expect(type.run({ missionId: 'm', taskId: 't', attempt: 1, title: 't', parameters, workspace: null, signal: new AbortController().signal, timeoutMs: 1000, agent: null, progress: () => undefined })).rejects.toMatchObject({ failure: 'environment' });
  }
});
