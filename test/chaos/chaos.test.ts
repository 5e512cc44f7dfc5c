import { describe, expect, it } from 'vitest';

import { seeded } from '../support/random.ts';
import { statement } from '../support/servers.ts';
import { problemsOf } from './chaos-scenario.ts';
import type { Terms } from './chaos-scenario.ts';
import { runBrief } from './scenarios/brief.ts';
import { runZombies } from './scenarios/zombies.ts';

const said: string[] = [];
const terms: Terms = { seconds: null, random: seeded(1), report: (line) => void said.push(line), logs: null };

/** Half a minute on an idle machine; processes that die and start are the first to suffer on a busy one. */
describe('chaos', { timeout: 300_000 }, () => {
  it('finishes everything once, whatever crashes, is emptied, restarted or frozen on the way', async () => {
    const outcome = await runBrief(terms);
    expect({ problems: problemsOf(outcome), said: problemsOf(outcome).length > 0 ? said : [] }).toEqual({ problems: [], said: [] });
    expect(outcome).toMatchObject({ tasks: 372, finished: 372, late: { sent: 20, refused: 20 } });
  });

  it('is noticed when late results are taken: leases that are never marked lost', async () => {
    const outcome = await runZombies(terms, { tasks: 3, rounds: 1, sabotage: keepLostLeases });
    const problems = problemsOf(outcome).join('\n');
    expect(problems).toContain('only 0 of 3 late results were refused');
    expect(problems).toMatch(/doubled: .* wait-0 attempt 2 began \d+ ms before the right of attempt 1 ended/);
  });
});

/** The database announces lost leases, so that their tasks begin again, but keeps them valid. */
async function keepLostLeases(databaseUrl: string): Promise<void> {
  await statement(
    databaseUrl,
    `CREATE FUNCTION missiongate.keep_lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := 'held'; NEW.expires_at := now() + interval '1 hour'; RETURN NEW; END $$;
     CREATE TRIGGER keep_lost BEFORE UPDATE ON missiongate.leases FOR EACH ROW WHEN (NEW.status = 'lost') EXECUTE FUNCTION missiongate.keep_lost()`,
  );
}
