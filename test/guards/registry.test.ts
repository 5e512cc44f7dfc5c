import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { alwaysMeasured, metrics } from '../../src/core/gate/metrics.ts';
import { createGuardRegistry, guards } from '../../src/guards/registry.ts';

const page = readFileSync(new URL('../../docs/reference/guards.md', import.meta.url), 'utf8');

describe('the guard types', () => {
  it('are found by name, with the nearest one for a mistyped name', () => {
    expect(guards.names()).toEqual(guards.names().toSorted());
    expect(guards.find('junit')?.name).toBe('junit');
    expect(guards.find('toString')).toBeNull();
    expect(guards.nearest('juint')).toBe('junit');
    expect(guards.nearest('required_files')).toBe('required-files');
    expect(() => createGuardRegistry([...guards.types, ...guards.types.slice(0, 1)])).toThrow('two guard types are named');
  });

  it.each(guards.types.map((type) => [type.name, type] as const))('%s takes its own examples and nothing unknown', (name, type) => {
    expect(type.examples.length).toBeGreaterThan(0);
    for (const example of type.examples) {
      expect(guards.check(name, example)).toEqual([]);
      expect(guards.check(name, { ...example, 'another-key': 1 })).toMatchObject([{ path: ['another-key'] }]);
    }
  });

  it.each(guards.types.map((type) => [type.name, type] as const))('%s has limits only for metrics it gives', (_name, type) => {
    expect(Object.keys(type.limits).filter((metric) => !(type.metrics as readonly string[]).includes(metric))).toEqual([]);
  });

  it('give every metric there is, together with what every gate measures', () => {
    const given = new Set<string>([...guards.types.flatMap((type) => type.metrics), ...alwaysMeasured]);
    const shares = Object.entries(metrics).filter(([, metric]) => metric.kind === 'share' && metric.of.every((part) => given.has(part))).map(([name]) => name);
    expect(Object.keys(metrics).filter((name) => !given.has(name) && !shares.includes(name))).toEqual([]);
  });

  it('and their metrics stand in the reference, word by word', () => {
    for (const [name, metric] of Object.entries(metrics)) expect(page).toContain(`| \`${name}\` | ${metric.kind} | ${metric.meaning} |`);
  });
});
