import type { GivenInputs } from '../../config/inputs.ts';
import { readYaml } from '../../config/read-yaml.ts';
import type { Problem } from '../../core/mission/definition.ts';
import type { Json } from '../../kit/json.ts';
import { isJsonObject } from '../../kit/json.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import { inputFile } from './inputs.ts';

/**
 * Values for a mission's inputs, written as lines `name: value`. As in an issue a number is what was typed, not what YAML makes of it: the
 * mission says whether `1.10` is a number or a version.
 */
export function readMissionInputs(text: string): Result<GivenInputs, readonly Problem[]> {
  const file = inputFile('inputs');
  if (text.trim() === '') return ok({ file, values: new Map() });
  const yaml = readYaml(file, text);
  if (!yaml.ok) return err(yaml.error);
  const { value, locate } = yaml.value;
  if (!isJsonObject(value)) return err([{ code: 'bad-input', file, line: 1, column: 1, message: 'Found no lines of the form "name: value". Write one for each input of the mission, for example "route: /health".' }]);
  const lines = text.split('\n');
  return ok({
    file,
    values: new Map(
      Object.entries(value).map(([name, one = null]) => {
        const place = locate([name]);
        return [name, { value: asTyped(one, lines[place.line - 1]?.slice(place.column - 1) ?? ''), place }];
      }),
    ),
  });
}

function asTyped(value: Json, written: string): Json {
  if (typeof value !== 'number') return value;
  return /^[+-]?\d+(\.\d+)?(?=\s|$)/.exec(written)?.[0] ?? value;
}
