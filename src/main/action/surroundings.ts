import { createInk } from '../../github/messages/ink.ts';
import type { Ink } from '../../github/messages/ink.ts';
import { createRedactor } from '../../telemetry/redactor.ts';
import { localReach, secretsOfReach } from '../local/local-reach.ts';
import type { Call } from './inputs.ts';
import type { WorkflowLog } from './workflow-log.ts';

/** What every command of the Action works with. */
export interface Surroundings {
  readonly call: Call;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly log: WorkflowLog;
  readonly redact: (text: string) => string;
  /** For everything that is shown. */
  readonly ink: Ink;
}

/** Knows the secrets of the environment: the runner masks them in the log, the redactor takes them out of everything else. Throws `CannotRun`. */
export function surroundingsOf(call: Call, env: NodeJS.ProcessEnv, version: string, log: WorkflowLog): Surroundings {
  const reach = localReach(env);
  const secrets = [...secretsOfReach(reach), ...(reach.signing.privateKey === null ? [] : [reach.signing.privateKey])];
  for (const secret of secrets) log.mask(secret);
  const redactor = createRedactor({ secrets: () => secrets });
  const redact = (text: string) => redactor.redact(text).text;
  return { call, env, version, log, redact, ink: createInk(redact) };
}
