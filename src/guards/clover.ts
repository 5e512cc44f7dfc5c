import { addCoverage, coverageMetrics, noteUncovered, sayCoverage } from './coverage.ts';
import { GuardError } from './guard-type.ts';
import { readXmlEvents } from './read-xml-events.ts';
import { reportGuard } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** Clover XML, as Istanbul, PHPUnit and OpenClover write it. */
export const clover = reportGuard({
  name: 'clover',
  summary: 'Reads coverage in Clover XML.',
  noun: 'Clover report',
  usualPath: 'coverage/clover.xml',
  metrics: coverageMetrics,
  limits: {},
  read: readClover,
  conclude: noteUncovered,
  say: sayCoverage,
});

type Attributes = Readonly<Record<string, string>>;

/** Lines are counted; branches and functions are what the sums of each file say, because lines do not tell them all. */
async function readClover(report: Report, tally: Tally): Promise<void> {
  const open: string[] = [];
  let root: string | null = null;
  let hasProject = false;
  let lines: Map<number, boolean> | null = null;
  let sums: Attributes = {};
  let file: string | null = null;
  let coverable = 0;
  await readXmlEvents(report.name, report.text, {
    open(name, attributes) {
      root ??= name;
      if (name === 'project') hasProject = true;
      else if (name === 'file') {
        // Istanbul tells the whole path beside the name, PHPUnit in its place.
        file = attributes['path'] ?? attributes['name'] ?? null;
        lines = new Map();
        sums = {};
      } else if (name === 'metrics' && open.at(-1) === 'file') sums = attributes;
      else if (name === 'line' && lines && attributes['type'] !== 'method') {
        const number = Number(attributes['num']);
        const isRun = ['count', 'truecount'].some((key) => Number(attributes[key] ?? 0) > 0);
        if (Number.isInteger(number)) lines.set(number, isRun || (lines.get(number) ?? false));
      }
      open.push(name);
    },
    close(name) {
      open.pop();
      if (name !== 'file' || !lines) return;
      const pair = (covered: string, all: string): readonly [number, number] => {
        const whole = natural(sums[all]);
        return [Math.min(natural(sums[covered]), whole), whole];
      };
      const counted = [[...lines.values()].filter(Boolean).length, lines.size] as const;
      const all = counted[1] > 0 ? counted : pair('coveredstatements', 'statements');
      coverable += all[1];
      addCoverage(tally, { lines: all, branches: pair('coveredconditionals', 'conditionals'), functions: pair('coveredmethods', 'methods') }, file);
      lines = null;
    },
  });
  if (root !== 'coverage' || !hasProject) throw new GuardError(`${report.name} is no Clover report: it has no <coverage> with a <project>.${root === 'coverage' ? ' Is it Cobertura? Then use the guard "cobertura".' : ''}`);
  if (coverable === 0) throw new GuardError(`${report.name} tells of no line that can be covered: nothing ran.`);
}

function natural(text: string | undefined): number {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : 0;
}
