export { maximumProblems, ProblemList, quoted } from '../core/text/problems.ts';
export type { Position } from '../core/text/problems.ts';
