import type { AgentRunner } from '../../steps/step-type.ts';
import { StepError } from '../../steps/step-type.ts';
import { noAgent } from './read-mission.ts';

/** Hands scripts to the scripted agent and refuses what would need another: nothing is pretended to be done. */
export function onlyScripts(scripted: AgentRunner): AgentRunner {
  return {
    async run(request) {
      if (request.script === null) throw new StepError('input', noAgent(request.taskId, request.agent ?? undefined));
      return scripted.run(request);
    },
  };
}
