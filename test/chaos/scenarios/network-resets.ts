import { openFaultProxy } from '../chaos-proxy.ts';
import type { Fate, FaultProxy } from '../chaos-proxy.ts';
import { monkey } from '../chaos-scenario.ts';
import type { Scenario } from '../chaos-scenario.ts';
import { ChaosWorld } from '../chaos-world.ts';

/** Connections to PostgreSQL and Redis are reset in the middle of an answer, go silent, or all break at once. */
export const networkResets: Scenario = {
  name: 'network-resets',
  breaks: 'connections to PostgreSQL and Redis are reset after some bytes, go silent for good, or all end at once every 4–8 s',
  async run({ random, ...terms }) {
    const proxies: FaultProxy[] = [];
    const fateOf = (): Fate => {
      const drawn = random();
      const afterBytes = Math.floor(200_000 * random());
      if (drawn < 0.5) return { kind: 'reset', afterBytes };
      return drawn < 0.65 ? { kind: 'silent', afterBytes } : { kind: 'spared' };
    };
    const world = await ChaosWorld.open({
      ...terms,
      async through({ databaseUrl, redisUrl }) {
        const [database, redis] = await Promise.all([openFaultProxy(databaseUrl, fateOf), openFaultProxy(redisUrl, fateOf)]);
        proxies.push(database, redis);
        return { databaseUrl: database.url, redisUrl: redis.url };
      },
    });
    try {
      await world.start(2);
      await world.openIssues(2, 4);
      await world.plant({ missions: 4, tasksEach: 250, parallel: 25 });
      const everything = monkey(4_000, 8_000, random, () => {
        proxies[Math.floor(random() * proxies.length)]?.resetAll();
      });
      await world.untilOver();
      await everything.stop();
      const struck = proxies.reduce((sum, proxy) => sum + proxy.struck, 0);
      return { ...(await world.verdict()), injected: { 'connections broken': struck }, late: null };
    } finally {
      for (const proxy of proxies) proxy.calm();
      await world.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    }
  },
};
