import { Problem } from '../../../src/forge/rest/problem.ts';
import { sha256 } from '../../../src/kit/hash.ts';
import type { Shape } from './records.ts';
import type { Call, Reply } from './route.ts';
import { tellPush } from './branches.ts';
import { refShape, tagShape } from './shapes.ts';
import type { World } from './world.ts';

/** `POST …/git/tags`: an object without a ref. Equal ones are the same object, as in Git. */
export function postTag({ world, body }: Call): Reply {
  const [tag, message, object] = [body.requiredText('tag'), body.requiredText('message'), body.requiredText('object')];
  const tagger = body.object('tagger')?.value;
  if (world.graph.known(object) === null) throw new Problem(422, 'Object does not exist');
  const sha = sha256(JSON.stringify([tag, message, object, tagger])).slice(0, 40);
  world.tagObjects.set(sha, { message, object });
  return { status: 201, body: tagShape({ tag, message, object, sha, tagger: tagger as Shape }) };
}

/** A ref below `refs/tags/`. */
export function createTagRef(world: World, name: string, sha: string): Shape {
  const ref = `refs/tags/${name}`;
  if (world.tags.has(name)) throw new Problem(422, 'Reference already exists');
  const made = world.tagObjects.get(sha);
  if (made === undefined) throw new Problem(422, 'Object does not exist');
  world.tags.set(name, made.message);
  tellPush(world, world.bot, { ref, before: null, after: sha, forced: false, head: made.object }, []);
  return refShape(ref, sha, 'tag');
}
