import { alwaysMeasured, metricNames, metrics } from '../core/gate/metrics.ts';
import type { Metric } from '../core/gate/metrics.ts';
import { metricsByRule } from '../core/gate/rubric.ts';
import type { GuardDefinition, Rubric } from '../core/mission/definition.ts';
import { guards as guardTypes } from '../guards/registry.ts';
import { didYouMean } from '../kit/nearest-word.ts';

export interface RubricGap {
  readonly key: string;
  readonly message: string;
}

const known: { readonly [name: string]: Metric } = metrics;

/** Lines of a rubric over metrics that no guard of the phase gives: a gate that could never open. */
export function rubricGaps(rubric: Rubric, guards: readonly GuardDefinition[]): readonly RubricGap[] {
  const given = givenBy(guards);
  return metricsByRule(rubric).flatMap(({ key, metric }) => {
    // What is not required need not be measured.
    if (given.has(metric) || rubric[key] === false) return [];
    const givers = giversOf(metric);
    if (givers.length > 0) return [{ key, message: `No guard of this phase measures "${metric}", so the gate could never open. Add one that does (${givers.join(', ')}), or take the line out.` }];
    return [{ key, message: `There is no metric "${metric}", so the gate could never open.${didYouMean(metric, [...given]) || didYouMean(metric, metricNames()) || ` This phase measures ${[...given].toSorted().join(', ')}.`}` }];
  });
}

function givenBy(guards: readonly GuardDefinition[]): ReadonlySet<string> {
  const given = new Set<string>(alwaysMeasured);
  for (const { id, uses } of guards) {
    const name = id.replaceAll('-', '_');
    if (uses === 'command') given.add(`${name}_failed`).add(`${name}_passed`);
    for (const metric of guardTypes.find(uses)?.metrics ?? []) given.add(metric);
  }
  for (const [name, metric] of Object.entries(known)) if (metric.kind === 'share' && metric.of.every((part) => given.has(part))) given.add(name);
  return given;
}

function giversOf(metric: string): readonly string[] {
  const one = Object.hasOwn(known, metric) ? known[metric] : undefined;
  if (!one) return [];
  const needed = one.kind === 'share' ? one.of : [metric];
  return guardTypes.types.filter((type) => needed.every((part) => (type.metrics as readonly string[]).includes(part))).map(({ name }) => name);
}
