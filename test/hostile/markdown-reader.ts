import { readMissionIssue } from '../../src/config/read-mission-issue.ts';
import { annotate } from '../../src/core/checklist/annotate.ts';
import { readIntents } from '../../src/core/checklist/intents.ts';
import { commandRequests } from '../../src/github/command-requests.ts';
import { hostileMarkdown, hostileYaml } from './hostile-documents.ts';
import { someStepTypes } from '../config/step-types.ts';

// As `yaml-reader.ts`, for everything that reads an issue's body or a comment.
const model = { phases: [{ id: 'build', title: 'Build', tasks: [{ id: 'a', title: 'A', checked: false, suffix: '' }] }], statusBlock: 'status', adopt: null, maximumBytes: 65_535 };
const longestYaml = 10_000;
const asIssues = hostileYaml.filter(({ text }) => text.length < longestYaml).map(({ name, text }) => ({ name: `YAML in an issue: ${name}`, text: `\`\`\`\`yaml\n${text}\n\`\`\`\`\n` }));
for (const { name, text } of [...hostileMarkdown, ...asIssues]) {
  const commands = commandRequests(text).length;
  const mission = readMissionIssue({ file: 'issue', title: 'T', body: text }, { stepTypes: someStepTypes }).ok;
  readIntents('- [ ] a', text);
  readIntents(text, '- [ ] a');
  const { body } = annotate(text, model);
  process.stdout.write(`${JSON.stringify({ name, commands, mission, long: Buffer.byteLength(body) > Math.max(65_535, Buffer.byteLength(text)) })}\n`);
}
