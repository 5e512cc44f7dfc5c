import { Problem } from '../../../src/forge/rest/problem.ts';
import { sha256 } from '../../../src/kit/hash.ts';
import type { Shape } from './records.ts';
import type { Call, Reply } from './route.ts';
import { refShape, tagShape } from './shapes.ts';
import type { World } from './world.ts';

/** `POST …/git/tags`: an object without a ref. Equal ones are the same object, as in Git. */
export function postTag({ world, body }: Call): Reply {
  const [tag, message, object] = [body.requiredText('tag'), body.requiredText('message'), body.requiredText('object')];
  const tagger = body.object('tagger')?.value;
  if (world.graph.known(object) === null) throw new Problem(422, 'Object does not exist');
  const sha = sha256(JSON.stringify([tag, message, object, tagger])).slice(0, 40);
  world.tagObjects.set(sha, message);
  return { status: 201, body: tagShape({ tag, message, object, sha, tagger: tagger as Shape }) };
}

/** A ref below `refs/tags/`. */
export function createTagRef(world: World, name: string, sha: string): Shape {
  const ref = `refs/tags/${name}`;
  if (world.tags.has(name)) throw new Problem(422, 'Reference already exists');
  const message = world.tagObjects.get(sha);
  if (message === undefined) throw new Problem(422, 'Object does not exist');
  world.tags.set(name, message);
  return refShape(ref, sha, 'tag');
}
