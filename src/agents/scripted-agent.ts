import type { Json } from '../kit/json.ts';
import { agentMoves } from '../steps/agent-moves.ts';
import { commandForPeople, failureOf, outputArtifact } from '../steps/command.ts';
import { compileParameters } from '../steps/parameters.ts';
import { StepError, type AgentReport, type AgentRequest, type AgentRunner, type Artifact } from '../steps/step-type.ts';

type Move =
  | { readonly write: { readonly path: string; readonly content: string } }
  | { readonly edit: { readonly path: string; readonly find: string; readonly replace: string } }
  | { readonly delete: { readonly path: string } }
  | { readonly run: readonly [string, ...string[]] }
  | { readonly say: string };

// The script arrives as any JSON: a definition is checked when it is read, but the agent does not rely on that.
const checkScript = compileParameters({ parameters: { type: 'object', properties: { script: agentMoves } } }, 'agent');

export interface ScriptedAgentOptions {
  /** The product's version, for the report. */
  readonly version: string;
}

/**
 * An agent without a model: it does the moves of the script it is given, or, without a script, leaves a note that says what
 * was asked and that no model was called. It is what the demo and the tests run, and it never pretends to be more.
 */
export function createScriptedAgent(options: ScriptedAgentOptions): AgentRunner {
  const agent = { name: 'scripted', version: options.version, kind: 'scripted' };
  return {
    async run(request): Promise<AgentReport> {
      if (request.agent !== null && request.agent !== agent.name) {
        throw new StepError('environment', `The agent ${JSON.stringify(request.agent)} is not configured on this worker, which has only the scripted agent. Configure it, or name "scripted".`);
      }
      return request.script === null ? leaveNote(request, agent) : followScript(request, checkedMoves(request.script), agent);
    },
  };
}

function aboutWork({ persona, zone, scope }: AgentRequest): string {
  const lines = [...(persona === null ? [] : [`- as ${persona}`]), ...(zone === null ? [] : [`- in ${zone}`]), ...(scope === null ? [] : [`- touching ${scope.map((glob) => `\`${glob}\``).join(', ')}`])];
  return lines.length === 0 ? '' : `How it was to be done:\n\n${lines.join('\n')}\n\n`;
}

async function leaveNote(request: AgentRequest, agent: AgentReport['agent']): Promise<AgentReport> {
  const path = `docs/missions/${fileName(request.missionId)}/${fileName(request.taskId)}.md`;
  // Indented four columns: whatever the prompt holds is shown as text, in Markdown too.
  const prompt = request.prompt.split('\n').map((line) => `    ${line}`.trimEnd()).join('\n');
  const title = request.title.replace(/\s+/g, ' ').trim();
  await request.workspace.writeFile(path, `# ${title}\n\nThe scripted agent wrote this note. It has no model, no model was called, and the work itself is not done.\n\n${aboutWork(request)}What was asked:\n\n${prompt}\n`);
  request.progress(1, `Wrote ${path}`);
  return {
    status: 'complete',
    summary: `Scripted agent (no model): no script was given, so it only recorded the prompt in ${path}.`,
    agent,
    artifacts: [],
  };
}

/** A mission or task id as a file name: what is not a plain character becomes `-`. */
function fileName(id: string): string {
  return id.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '').slice(0, 100) || 'unnamed';
}

function checkedMoves(script: Json): readonly Move[] {
  const problems = checkScript({ script });
  if (problems.length === 0) return script as unknown as readonly Move[];
  const shown = problems.slice(0, 10).map((problem) => {
    const [, index, ...rest] = problem.path;
    const where = typeof index === 'number' ? `Move ${index + 1}${rest.length > 0 ? ` (${rest.join('.')})` : ''}: ` : '';
    return `${where}${problem.message}${problem.found === null ? '' : ` Found ${problem.found}.`} Expected ${problem.expected}`;
  });
  throw new StepError('input', `The script is refused. ${shown.join(' ')}`);
}

async function followScript(request: AgentRequest, moves: readonly Move[], agent: AgentReport['agent']): Promise<AgentReport> {
  const transcript: string[] = [];
  const outputs: Artifact[] = [];
  const artifacts = (): Artifact[] => [{ name: 'transcript', mediaType: 'text/markdown', text: `${transcript.map((line) => `- ${line}`).join('\n')}\n` }, ...outputs];
  for (const [index, move] of moves.entries()) {
    if (request.signal.aborted) throw new StepError('cancelled', `The scripted agent stopped before move ${index + 1} because the attempt was cancelled.`, artifacts());
    const line = describeMove(move);
    request.progress(index / moves.length, line);
    try {
      const output = await doMove(request, move, index);
      if (output) outputs.push(output);
      transcript.push(line);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      transcript.push(`${line} (failed)`);
      throw new StepError(error.failure, `The scripted agent's move ${index + 1} (${Object.keys(move)[0]}) failed: ${error.message}`, [...artifacts(), ...error.artifacts]);
    }
  }
  request.progress(1, 'Script finished');
  return { status: 'complete', summary: `Scripted agent (no model): did ${moves.length} ${moves.length === 1 ? 'move' : 'moves'} of its script.`, agent, artifacts: artifacts() };
}

function describeMove(move: Move): string {
  if ('write' in move) return `write ${move.write.path}`;
  if ('edit' in move) return `edit ${move.edit.path}`;
  if ('delete' in move) return `delete ${move.delete.path}`;
  if ('run' in move) return `run ${commandForPeople(move.run)}`;
  return `say: ${move.say.replace(/\s+/g, ' ').trim()}`;
}

/** Does one move; a program's output comes back as an artifact. */
async function doMove({ workspace }: AgentRequest, move: Move, index: number): Promise<Artifact | null> {
  if ('write' in move) await workspace.writeFile(move.write.path, move.write.content);
  else if ('edit' in move) await workspace.writeFile(move.edit.path, edited(await workspace.readFile(move.edit.path), move.edit));
  else if ('delete' in move) await workspace.removeFile(move.delete.path);
  else if ('run' in move) {
    const outcome = await workspace.run({ argv: move.run });
    const output = outputArtifact(outcome, `output-${index + 1}`);
    const failure = failureOf(outcome, commandForPeople(move.run), [output]);
    if (failure) throw failure;
    return output;
  }
  return null;
}

function edited(content: string, edit: { readonly path: string; readonly find: string; readonly replace: string }): string {
  const parts = content.split(edit.find);
  if (parts.length !== 2) {
    throw new StepError('work', `the text to find stands ${parts.length - 1} times in ${edit.path}, and must stand there exactly once. Give more of its surroundings.`);
  }
  return parts.join(edit.replace);
}
