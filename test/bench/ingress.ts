import { generateKeyPairSync } from 'node:crypto';

import { startChild } from './child.ts';
import { onFreshServers } from './databases.ts';
import type { Servers } from './databases.ts';
import { median, number, withRange } from './results.ts';
import type { Results } from './results.ts';

interface Load {
  readonly deliveries: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
}

const secret = 'a-secret-of-this-bench-0123456789';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
const servers = { ours: 'ingress-missiongate.ts', probot: 'ingress-probot.ts' } as const;
const fixedRate = 500;

/** Signed deliveries into Missiongate (durable before the answer) and into bare Probot (nothing kept), in turn. */
export async function ingress(where: Servers, options: { readonly rounds: number; readonly scale: number }, results: Results): Promise<void> {
  const closed = { ours: [] as Load[], probot: [] as Load[] };
  const fixed = { ours: [] as Load[], probot: [] as Load[] };
  for (let round = 0; round < options.rounds; round += 1) {
    for (const name of round % 2 === 0 ? (['ours', 'probot'] as const) : (['probot', 'ours'] as const)) {
      const [most, steady] = await measure(where, servers[name], options.scale);
      closed[name].push(most);
      fixed[name].push(steady);
      console.log(`  round ${round + 1}: ${servers[name]}: ${number(most.perSecond)}/s, p99 ${number(most.p99)} ms; at ${fixedRate}/s p50 ${number(steady.p50)} ms, p99 ${number(steady.p99)} ms`);
    }
  }
  const title = 'Webhook ingress, signed issue_comment of 10 KB, 32 connections';
  for (const [name, what] of [['ours', 'Missiongate: deduplicated, durable in PostgreSQL'], ['probot', 'bare Probot, empty handler']] as const) {
    const field = (loads: readonly Load[], key: keyof Load) => withRange(loads.map((load) => load[key]));
    results.rows.push({ measure: title, what: `${what}: as fast as it answers`, measured: `${field(closed[name], 'perSecond')}/s; p50 ${field(closed[name], 'p50')} ms, p99 ${field(closed[name], 'p99')} ms` });
    results.rows.push({ measure: title, what: `${what}: at ${fixedRate}/s`, measured: `p50 ${field(fixed[name], 'p50')} ms, p99 ${field(fixed[name], 'p99')} ms` });
  }
  const rate = (loads: readonly Load[]): number => median(loads.map(({ perSecond }) => perSecond));
  results.bars.push({ name: 'webhook ingress: ratio to bare Probot', value: rate(closed.ours) / rate(closed.probot), limit: 0.8, kind: 'at least' });
  results.bars.push({ name: `webhook ingress at ${fixedRate}/s: p99 in ms`, value: median(fixed.ours.map(({ p99 }) => p99)), limit: 50, kind: 'at most' });
  results.details.ingress = { closed, fixed };
}

async function measure(where: Servers, program: string, scale: number): Promise<readonly [Load, Load]> {
  return onFreshServers(where, async (fresh) => {
    const server = startChild(program, { secret, privateKey, ...fresh });
    const { value } = (await server.lines()[Symbol.asyncIterator]().next()) as { value: { port: number } };
    const load = async (seconds: number, perSecond: number | null): Promise<Load> => {
      for await (const line of startChild('load.ts', { port: value.port, secret, connections: 32, seconds, perSecond }).lines()) {
        const answer = line as Load;
        if (answer.refused > 0) throw new Error(`${program} refused ${answer.refused} of ${answer.deliveries} deliveries`);
        return answer;
      }
      throw new Error('the load said nothing');
    };
    await load(2, null);
    const most = await load(6 * scale, null);
    const steady = await load(10 * scale, fixedRate);
    server.child.stdin?.end();
    await server.finished;
    return [most, steady];
  });
}
