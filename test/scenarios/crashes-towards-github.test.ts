import { describe, expect, it } from 'vitest';

import { faultPlaces } from '../../src/engine/fault-point.ts';
import { isTowardsGitHub, surviveDeathAt } from './death.ts';

describe('an app that is killed while it brings GitHub up to date', () => {
  it.each(faultPlaces.filter(isTowardsGitHub))('%s leaves nothing lost and nothing double', async (place) => {
    await expect(surviveDeathAt(place)).resolves.toBeUndefined();
  });
});
