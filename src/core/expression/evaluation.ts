import type { Json } from '../../kit/json.ts';
import type { ExpressionContext } from './context.ts';
import { isEqual } from './values.ts';
import { Work } from './work.ts';

/** One evaluation: what it sees, what it may still do, and the values of its `map`, `filter` and `all` variables by slot. */
export class Evaluation {
  readonly context: ExpressionContext;
  readonly work = new Work();
  readonly locals: Json[] = [];

  constructor(context: ExpressionContext) {
    this.context = context;
  }

  equal(left: Json, right: Json): boolean {
    return isEqual(left, right, this.work);
  }
}
