import type { Json } from '../kit/json.ts';
import type { YamlPath } from './read-yaml.ts';

/** Where an expression or a template stands decides what it may name. */
export type SiteKind =
  | 'title'
  | 'mission-env'
  | 'mission-outputs'
  | 'phase-if'
  | 'phase-env'
  | 'phase-until'
  | 'task-if'
  | 'for-each'
  | 'with'
  | 'task-env'
  | 'task-title'
  | 'task-outputs'
  | 'task-until'
  | 'collect'
  | 'compensate';

/** A place of a mission file that holds expressions, to be checked when everything it may name is known. */
export interface ExpressionSite {
  readonly kind: SiteKind;
  /** Text for an expression, a tree with templates in its texts otherwise. */
  readonly value: Json;
  readonly path: YamlPath;
  /** Positions in the definition; -1 above phases. */
  readonly phase: number;
  readonly task: number;
}
