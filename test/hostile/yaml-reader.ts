import { readYaml } from '../../src/config/read-yaml.ts';
import { hostileYaml } from './hostile-documents.ts';

// A process of its own: what kills it must not kill the test, and must be seen. One line for each document that was read.
// Short documents are read 50 times: the library dies of the second or third. `npm run test:hostile` reads all of them so often.
const always = process.argv[2] === undefined ? null : Number(process.argv[2]);
const timesFor = (text: string): number => always ?? (text.length < 10_000 ? 50 : 1);
for (const { name, text } of hostileYaml) {
  const times = timesFor(text);
  const started = process.cpuUsage();
  let told = '';
  for (let turn = 0; turn < times; turn += 1) {
    const read = readYaml('f.yml', text);
    const now = read.ok ? 'accepted' : [...new Set(read.error.map(({ code }) => code))].sort().join(' ');
    if (turn > 0 && now !== told) throw new Error(`${name}: read differently the second time`);
    told = now;
  }
  const { user, system } = process.cpuUsage(started);
  process.stdout.write(`${JSON.stringify({ name, told, ms: Math.round((user + system) / 1000 / times) })}\n`);
}
