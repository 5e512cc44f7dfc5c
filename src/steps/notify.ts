import type { JsonObject } from '../kit/json.ts';
import { secretHeaders, secretHeadersSchema, urlProblems } from './http.ts';
import { closed, text } from './schema-parts.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface NotifyParameters {
  readonly message: string;
  readonly to?: readonly ('log' | 'issue' | 'webhook')[];
  readonly url?: string;
  readonly 'secret-headers'?: Parameters<typeof secretHeaders>[2];
}

/** Tells people something. */
export const notify: StepType = {
  name: 'notify',
  summary: 'Tells people something: in the worker’s log, as a comment under the mission’s issue (once, whatever happens), or to a webhook (tried again after a failure, it may be said twice there).',
  needsWorkspace: false,
  effects: ['network', 'people'],
  parameters: closed({
    message: text('What to say. In a comment lines and `code` are kept, and everything else is shown as it is written.', 10_000, 1),
    to: { type: 'array', minItems: 1, maxItems: 3, uniqueItems: true, items: { enum: ['log', 'issue', 'webhook'] }, description: 'Where; [log] when absent, or [webhook] with a "url". Where there is no issue, what was meant for it goes to the log.' },
    url: text('The webhook: gets {"text", "mission", "task"} as JSON. The addresses of "http" hold.', 8000, 1),
    'secret-headers': secretHeadersSchema,
  }, ['message']),
  examples: [{ message: 'The build is green.' }, { message: 'Please look at the plan.', to: ['log', 'issue'] }, { message: 'Released.', url: 'https://hooks.example.com/releases' }],
  check: (parameters: JsonObject) => {
    const { to, url } = parameters as unknown as NotifyParameters;
    if (to?.includes('webhook') && url === undefined) return [{ path: ['url'], message: 'with.url is missing: "to" names the webhook.', found: null, expected: 'the webhook’s URL', nearest: null }];
    return url === undefined ? [] : urlProblems('url', url);
  },
  async run(context: StepContext): Promise<StepOutcome> {
    const parameters = context.parameters as unknown as NotifyParameters;
    const { message, url } = parameters;
    const { notices, network } = outsideOf(context);
    const wanted = parameters.to ?? (url === undefined ? ['log'] : ['webhook']);
    const told = [...new Set(wanted.map((one) => (one === 'issue' && context.hasIssue !== true ? 'log' : one)))];
    // The one that may fail comes first: what cannot be taken back is said when the rest is said.
    if (told.includes('webhook')) {
      const answer = await network.request({
        method: 'POST', url: url ?? '', headers: { 'content-type': 'application/json' }, secretHeaders: secretHeaders(context, url ?? '', parameters['secret-headers']),
        body: JSON.stringify({ text: message, mission: context.missionId, task: context.taskId }), maximumBytes: 100_000, maximumRedirects: 0, timeoutMs: Math.min(context.timeoutMs, 30_000), signal: context.signal,
      });
      if (answer.status < 200 || answer.status > 299) throw new StepError(answer.status >= 500 || answer.status === 429 ? 'network' : 'work', `The webhook answered ${answer.status}.`);
    }
    if (told.includes('log')) notices.log(message, { mission: context.missionId, task: context.taskId });
    return { summary: `Said to ${told.join(', ')}: ${message.split('\n')[0]!.slice(0, 200)}`, outputs: { to: told }, artifacts: [], ...(told.includes('issue') ? { notices: [message] } : {}) };
  },
};
