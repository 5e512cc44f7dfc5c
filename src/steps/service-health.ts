import { isJsonObject, type JsonObject } from '../kit/json.ts';
import { urlProblems } from './http.ts';
import type { Outside } from './outside.ts';
import { closed, text, whole } from './schema-parts.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface ServiceHealthParameters {
  readonly url?: string;
  readonly tcp?: { readonly host: string; readonly port: number };
  readonly expect?: readonly number[];
  readonly 'within-seconds'?: number;
  readonly 'every-seconds'?: number;
}

/** One look lasts at most this long. */
const lookMs = 10_000;

/** Waits for a service. */
export const serviceHealth: StepType = {
  name: 'service.health',
  summary: 'Asks a URL or a TCP port again and again until it answers as expected, or the time is over. The addresses of "http" hold.',
  needsWorkspace: false,
  effects: ['network'],
  parameters: closed({
    url: text('http or https; asked with GET, redirects followed.', 8000, 1),
    tcp: { ...closed({ host: text('Host name or address.', 253, 1), port: whole('Port.', 1, 65_535) }, ['host', 'port']), description: 'A port that takes connections, in place of a URL.' },
    expect: { type: 'array', minItems: 1, maxItems: 50, items: { type: 'integer', minimum: 100, maximum: 599 }, description: 'Statuses that count as healthy; 200 to 299 when absent.' },
    'within-seconds': whole('How long to try; 60 when absent.', 1, 3600),
    'every-seconds': whole('Pause between two looks; 2 when absent.', 1, 300),
  }),
  examples: [{ url: 'https://staging.example.com/health' }, { tcp: { host: 'db.example.com', port: 5432 }, 'within-seconds': 30 }],
  check: (parameters: JsonObject) => {
    const { url, tcp } = parameters as unknown as ServiceHealthParameters;
    const problems = url === undefined ? [] : [...urlProblems('url', url)];
    if ((url === undefined) === !isJsonObject(tcp)) problems.push({ path: [], message: 'with needs either "url" or "tcp".', found: null, expected: 'one of the two', nearest: null });
    return problems;
  },
  async run(context: StepContext): Promise<StepOutcome> {
    const parameters = context.parameters as unknown as ServiceHealthParameters;
    const outside = outsideOf(context);
    const from = outside.clock.now();
    const withinMs = Math.min((parameters['within-seconds'] ?? 60) * 1000, context.timeoutMs);
    const name = parameters.url?.replace(/[?#].*$/, '') ?? `${parameters.tcp?.host}:${parameters.tcp?.port}`;
    for (let looks = 1; ; looks += 1) {
      const trouble = await lookOnce(outside, parameters, context.signal);
      const passed = outside.clock.now() - from;
      if (trouble === null) return { summary: `${name} is healthy after ${looks} ${looks === 1 ? 'look' : 'looks'}.`, outputs: { healthy: true, looks, 'duration-ms': passed }, artifacts: [] };
      const pause = (parameters['every-seconds'] ?? 2) * 1000;
      if (passed + pause > withinMs) throw new StepError('work', `${name} was not healthy within ${Math.round(withinMs / 1000)} s (${looks} ${looks === 1 ? 'look' : 'looks'}). The last one: ${trouble}`);
      await pausing(outside, pause, context.signal);
    }
  },
};

/** Null when healthy, else why not. What no later look can change ends the step. */
async function lookOnce({ network }: Outside, parameters: ServiceHealthParameters, signal: AbortSignal): Promise<string | null> {
  try {
    if (parameters.tcp) {
      await network.connect({ ...parameters.tcp, timeoutMs: lookMs, signal });
      return null;
    }
    const { status } = await network.request({ method: 'GET', url: parameters.url ?? '', headers: {}, body: null, maximumBytes: 1_000_000, maximumRedirects: 5, timeoutMs: lookMs, signal });
    const isHealthy = parameters.expect ? parameters.expect.includes(status) : status >= 200 && status < 300;
    return isHealthy ? null : `it answered ${status}.`;
  } catch (error) {
    if (error instanceof StepError && (error.failure === 'network' || error.failure === 'timeout' || error.failure === 'work')) return error.message;
    throw error;
  }
}

/** A pause on the attempt's clock; a cancelled attempt ends it. */
export async function pausing({ clock }: Outside, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (signal.aborted) throw new StepError('cancelled', 'Waiting was ended because the attempt was cancelled.');
    throw error;
  }
}
