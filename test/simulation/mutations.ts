/** A bug planted in the text of one source file. */
export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A mistake that somebody could make one day. Each must be found by some simulated world, else the simulator is blind to it. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
}

const tables = 'test/simulation/memory-store.ts';
const approvals = 'src/core/gate/approvals.ts';
const gates = 'src/core/mission/decide/gates.ts';
const attempts = 'src/core/mission/decide/attempts.ts';
const phases = 'src/core/mission/decide/phases.ts';
const progress = 'src/core/mission/decide/progress.ts';
const request = 'src/core/mission/decide/request.ts';
const trunk = 'src/core/mission/decide/trunk.ts';
const settle = 'src/core/mission/decide/settle.ts';
const start = 'src/core/mission/decide/start.ts';
const budgets = 'src/core/mission/decide/budgets.ts';
const limits = 'src/core/mission/decide/limits.ts';
const waivers = 'src/core/mission/decide/waivers.ts';
const fanIn = 'src/core/mission/decide/fan-in.ts';
const groups = 'src/core/mission/groups.ts';
const evolve = 'src/core/mission/evolve.ts';
const desk = 'src/github/projector/desk.ts';
const pull = 'src/github/projector/mission-pull.ts';
const annotations = 'src/github/projector/annotations.ts';
const ledgerTag = 'src/github/projector/ledger-tag.ts';
const seals = 'src/engine/seal.ts';

function plant(name: string, file: string, find: string, replace: string): Mutation {
  return { name, edits: [{ file, find, replace }] };
}

const nothingIsRelayedAgain: readonly Edit[] = [
  { file: 'src/engine/supervise.ts', find: '  await relayLeftovers(parts);', replace: '' },
  { file: 'src/engine/supervise.ts', find: '  await parts.queue.add([...expected, ...lost]);', replace: '' },
];

/** In what the mission language means. */
const languageMutations: readonly Mutation[] = [
  plant('conditions count as met', start, 'if (!held.value) return skipTask(', 'if (!held.value && task.attempt < 0) return skipTask('),
  plant('what a skipped task is needed for waits for ever', settle, '.needs.find((need) => taskOf(mission, need)?.skip !== undefined)', ".needs.find((need) => taskOf(mission, need)?.skip === 'reached')"),
  plant('skipped tasks count as done', 'src/core/mission/state.ts', "return task.status === 'skipped' ? task.skip === undefined :", "return task.status === 'skipped' ? true :"),
  plant('clean-up starts before it is known what went wrong', 'src/core/mission/evolve/tasks.ts', 'const startable = openNeeds === 0 &&', 'const startable = (openNeeds === 0 || (openNeeds === 1 && mission.index.tolerant.has(dependent))) &&'),
  plant('clean-up is stopped by the failure it is for', start, 'if (stopped && !isAskedFor(task) && !isCleanUp(mission, task.id)) return false;', 'if (stopped && !isAskedFor(task)) return false;'),
  plant('clean-up that is tried again is not waited for', 'src/core/mission/decide/ending.ts', 'stopsAll(mission) ? willCleanUp(mission) || makeWayForCleanUp', 'stopsAll(mission) ? makeWayForCleanUp'),
  plant('rounds without end', attempts, 'if (!held.value && round < until.maxRounds) {', 'if (!held.value) {'),
  plant('rounds of a phase without end', phases, "if (!held.value && round < until.maxRounds) return draft.emit({ type: 'phase.repeated'", "if (!held.value) return draft.emit({ type: 'phase.repeated'"),
  plant('a partial phase fails with its first task', phases, "if (planned.mode === 'partial' && lane.done === 0) return", "if (planned.mode === 'partial') return"),
  plant('a group runs as many items as there is room for', groups, '? 1 : maxParallel', '? 1 : 100'),
  plant('items of a sequence run side by side', groups, '? 1 : maxParallel', '? 2 : maxParallel'),
  plant('items are collected as they finish', fanIn, 'const outputs = items.flatMap((item) => {', 'const outputs = items.toSorted((a, b) => (taskOf(mission, a)?.doneSeq ?? 0) - (taskOf(mission, b)?.doneSeq ?? 0)).flatMap((item) => {'),
  plant('an earlier item wins', 'src/core/mission/collect.ts', 'return later;', 'return earlier ?? later;'),
  plant('one item fewer is enough', fanIn, 'return done >= Math.min(minSuccess, size);', 'return done >= Math.min(minSuccess, size) - 1;'),
  plant('what a failed item stopped stays so when it is tried again', 'src/core/mission/evolve/fan-out.ts', "?.skip === 'fail-fast') next =", "?.skip === 'reached') next ="),
  plant('items go on after one has failed', settle, "strategy.failFast && strategy.mode !== 'partial'", "strategy.failFast && strategy.mode === 'partial'"),
  plant('an item that is tried again starts beside the others', 'src/core/mission/evolve.ts', 'if (next.tasks.get(id)?.item) return retryItem(next, id, seq);', 'if (next.tasks.get(id)?.item) return makeReadyOrPending(reset(reopenGroup(next, id, seq), id, seq), id, seq);'),
  plant('outputs are lost when a commit is merged', attempts, 'task.outputs ?? {}', '{}'),
  plant('retry.on is not read', 'src/core/schedule/retry.ts', ' || !isAllowed(kind, own?.on)', ''),
  plant('a lost worker is the fault of who named what is tried again', 'src/core/schedule/retry.ts', ' || (isOurs(kind) && on.length > 0)', ''),
  {
    name: 'budgets are told of and kept by nobody',
    edits: [
      { file: budgets, find: 'return mission.rollback === undefined && scopesOf(', replace: 'return mission.rollback !== undefined && scopesOf(' },
      { file: budgets, find: "if (draft.mission?.status === 'running' && draft.mission.rollback", replace: "if (draft.mission?.status === 'planned' && draft.mission.rollback" },
    ],
  },
  plant('items use nothing of the budget of their task', budgets, '...(group === undefined ? [] : [taskScope(group)]), ', ''),
  plant('a tick goes on from what is undone', 'src/core/mission/decide/checklist-edits.ts', 'if (mission.rollback !== undefined) return `\\`${task.id}\\` stays as it is', 'if (mission.rollback?.reason === \'\') return `\\`${task.id}\\` stays as it is'),
  plant('what was done first is undone first', 'src/core/mission/decide/rollback.ts', 'done.sort((a, b) => b.seq - a.seq', 'done.sort((a, b) => a.seq - b.seq'),
  plant('what cannot be undone keeps the rest from it', 'src/core/mission/evolve/rollback.ts', 'continueOnError: true,', 'continueOnError: false,'),
  plant('the time of a phase is never over', limits, "phase?.status !== 'running' || phase.deadline !== at", "phase?.status !== 'running' || phase.deadline === at"),
  plant('the time of a mission is never over', limits, 'mission.deadline !== at', 'mission.deadline === at'),
  plant('every failure is a partial one', 'src/core/mission/decide/fail-mission.ts', '!mission.plan.settings.failFast && ', ''),
];

/** In waivers, and in how gates repair themselves. */
const waiverMutations: readonly Mutation[] = [
  plant('who asks for a waiver confirms it', waivers, "if (isSame(actor.login, waiver.by.login)) return refuse(draft, entry, actor, 'waiver-own', about);", ''),
  plant('a gate stays open when its waiver is withdrawn', waivers, "  draft.emit({ type: 'gate.shut', phase: id, round: gate.round, reason: because });", ''),
  plant('approvals survive the waiver they were given over', waivers, "  if (gate.approvals.length > 0) draft.emit({ type: 'gate.approvals-voided', phase: id, round: gate.round, reason });", ''),
  plant('a waiver that nobody confirmed counts', 'src/core/gate/waivers.ts', "one.status === 'approved' && waiverCovers(", "(one.status === 'approved' || one.status === 'requested') && waiverCovers("),
  plant('the heal loop does not count its rounds', 'src/core/mission/decide/healing.ts', 'if (rounds >= rule.maxRounds) return stop(', 'if (rounds > 99) return stop('),
  plant('what is judged is other evidence than what is kept', 'src/core/mission/decide/evaluation.ts', 'const digest = evidenceDigest(pack);', "const digest = evidenceDigest({ ...pack, head: '' });"),
  plant('a follow-up issue is opened again when the answer is lost', 'src/github/projector/follow-ups.ts', 'find: (since) => findIssue(desk, marker, since),', 'find: async () => null,'),
];

/** In seals and signed heads, and in what is shown of findings and of rules. */
const shownMutations: readonly Mutation[] = [
  plant('decisions are not sealed', seals, " || (kindOf(type) === 'decision' && /^(gate|approval|waiver)\\./.test(type))", ''),
  plant('the end of a mission is not sealed', seals, 'ends.includes(type) || ', ''),
  plant('every commit is sealed', seals, 'last === undefined || !needsSeal(events)) return null;', 'last === undefined) return null;'),
  plant('a seal speaks of the ledger before its commit', seals, 'events.reduce((prev, event) => chainEntry(event, prev).hash, headHash)', 'headHash'),
  plant('a seal is signed for no mission', seals, 'sealLedger(last.missionId, last.seq, head, signer)', "sealLedger('', last.seq, head, signer)"),
  plant('a ledger is read on from the wrong entry', 'src/engine/ledger-heads.ts', 'store.events(missionId, reading.size, ', 'store.events(missionId, Math.max(0, reading.size - 1), '),
  plant('completed missions leave no tag', ledgerTag, "mission.status !== 'completed' ||", "mission.status !== 'cancelled' ||"),
  plant('the head of a tag is chosen anew when the answer is lost', ledgerTag, 'intended(desk) ?? ', ''),
  plant('findings are shown again when the answer is lost', annotations, "known?.state === 'intended' ? await settled(desk, known, at, runId) : at", 'at'),
  plant('findings count as shown when the answer is lost', annotations, 'Math.min(progress.total - progress.refused, Math.max(progress.posted, there))', 'progress.total - progress.refused'),
  plant('only the first findings are shown', annotations, 'total: annotations.length }', 'total: Math.min(annotations.length, annotationsPerCall) }'),
  plant('findings are counted as something else', 'src/engine/findings.ts', "warnings: list.count('warning'), notes: list.count('note')", "warnings: list.count('note'), notes: list.count('warning')"),
  plant('one finding of each guard is kept', 'src/engine/findings.ts', 'of list.kept()) {', 'of list.kept().slice(0, 1)) {'),
  plant('what is waived looks as if it had passed', 'src/core/gate/waivers-verdict.ts', "state: 'waived', expected, measured, reason: `${reason ?? rule}", "state: 'passed', expected, measured, reason: `${reason ?? rule}"),
];

/** The planted bugs: in the deciding core, in the engine, towards GitHub, and in the rules that the store's SQL keeps. */
export const mutations: readonly Mutation[] = [
  // What the store promises (the tables in memory stand for the SQL, held to one contract with it).
  plant('the inbox takes a signal however often it comes', tables, 'if (keys.some((key) => this.#known.has(key)) ||', 'if ('),
  plant('an attempt is leased to whoever asks', tables, 'if (known === undefined && this.#isExpected(key)) {', 'if (this.#isExpected(key)) {'),
  plant('attempts nobody expects are leased', tables, 'if (known === undefined && this.#isExpected(key)) {', 'if (known === undefined) {'),
  {
    name: 'a result is taken from a lease that was lost',
    edits: [
      { file: tables, find: "    if (!lease || lease.owner !== key.owner || !isUnsettled(lease)) return 'lost';\n    lease.status = 'settled';", replace: "    if (!lease) return 'lost';\n    lease.status = 'settled';" },
      { file: tables, find: 'return lease !== undefined && lease.owner === key.owner && isUnsettled(lease);', replace: 'return lease !== undefined;' },
    ],
  },
  plant('leases never run out', tables, 'if (!isUnsettled(lease) || lease.expiresAt > now) continue;', 'continue;'),
  plant('a lease that ran out is told to nobody', tables, "this.insert([{ missionId: lease.missionId, source: meaning, meaning, signal, receivedAt: now }]);", ''),
  plant('heartbeats do not extend the lease', tables, "    lease.expiresAt = now + ttlMs;\n    return lease.status === 'cancelled'", "    return lease.status === 'cancelled'"),
  plant('timers fire a minute early', tables, 'timer.fireAt > now || (id', 'timer.fireAt > now + 60_000 || (id'),
  plant('timers fire again and again', tables, 'if (timer.firedAt !== null || timer.fireAt', 'if (timer.fireAt'),
  plant('timers are forgotten', tables, 'for (const timer of batch.timers) if', 'for (const timer of []) if'),
  plant('a change during a turn is overlooked', tables, '    if (!run.syncWanted) run.syncOwner = null;\n    return run.syncWanted;', '    run.syncOwner = null;\n    run.syncWanted = false;\n    return false;'),
  plant('two processes write to GitHub at once', tables, 'const mayBegin = run.syncOwner === owner ||', 'const mayBegin = true || run.syncOwner === owner ||'),
  plant('a dead process keeps the turn for ever', tables, ' || (run.syncOwner !== null && run.syncUntil <= now);', ';'),
  plant('decided signals are decided again', tables, '      if (settled.has(row.id)) {', '      if (settled.has(row.id) && settled.size > 9) {'),
  plant('evidence is not kept', tables, 'for (const pack of batch.packs) if', 'for (const pack of []) if'),
  plant('artifacts are not kept', tables, '    for (const artifact of artifacts) {', '    for (const artifact of [] as ArtifactContent[]) {'),
  {
    name: 'missions have several writers',
    edits: [
      { file: tables, find: 'const mayWrite = () => tables.run(missionId).version === version && (isLast || !locks.isHeld(missionId)) && taken', replace: 'const mayWrite = () => taken' },
      { file: tables, find: 'if (event.seq !== run.events.length + 1) throw', replace: 'if (event.seq < 0) throw' },
    ],
  },
  plant('the chain hangs on the first hash', tables, 'prevHash: run.headHash, hash: entry.hash', "prevHash: '0'.repeat(64), hash: entry.hash"),
  plant('what a thawed process knew of GitHub is remembered', tables, '    if (this.run(missionId).syncOwner !== owner) return false;\n    for (const', '    for (const'),
  plant('answers count as shown before they are', tables, 'Math.max(run.noticesSeq, noticesUpTo)', 'run.events.length'),
  plant('an event of each batch is lost', tables, '    for (const event of batch.events) {', '    for (const event of batch.events.slice(0, Math.max(1, batch.events.length - 1))) {'),

  // The engine.
  { name: 'jobs that were not sent are sent by nobody', edits: nothingIsRelayedAgain },
  plant('signals left by dead processes stay', 'src/engine/supervise.ts', 'for (const id of await parts.store.missionsWithSignals(now - pacing.signalAgeMs, missionsPerRound)) missions.add(id);', ''),
  plant('a start that came too early is forgotten', 'src/engine/advance.ts', "['mission', 'mission:queue'] : ['mission'];", "['mission'] : ['mission'];"),
  plant('a signal whose facts are not to be had is dropped', 'src/engine/advance.ts', "      postpone(pending, 'its facts could not be looked up', found.refused);", "      settled.push({ id: pending.id, note: 'dropped' });"),
  plant('edits of our part of the issue stay', 'src/engine/advance.ts', "if (pending.signal.kind === 'issue.edited') edited = pending.id;", ''),
  plant('leases are not kept up', 'src/engine/keep-lease.ts', 'if (!(await beat())) return;', 'return;'),

  // The deciding core.
  plant('attempts without end', 'src/core/schedule/retry.ts', 'used >= bound', 'used >= bound + 9'),
  plant('authors approve their own work', gates, 'if (exclusion !== null) return refuse(', "if (exclusion !== null && actor.login === 'nobody') return refuse("),
  plant('everybody may approve', gates, 'if (approvers.some((approver) => counts(approver, person, ownership))) return true;', 'if (approvers.length > 0) return true;'),
  plant('one approval fewer is enough', approvals, 'const enough = seen.size >= count;', 'const enough = seen.size >= count - 1;'),
  plant('approvals are kept whatever was pushed', 'src/core/mission/decide/held-approvals.ts', "  if (!isSameChange(patch, held.patchId)) return 'the patch changed';\n", ''),
  plant('whoever pushed keeps their approval', 'src/core/mission/decide/held-approvals.ts', 'if (exclusion === null) draft.emit', "if (exclusion !== 'requester') draft.emit"),
  plant('gates open whatever was found', 'src/core/mission/decide/evaluation.ts', 'passed: lines.every((line) => line.passed),', 'passed: lines.length > 99 || lines.some((line) => line.passed),'),
  {
    // Whoever looks at a waiting gate next would see that the trunk has moved: one of the two is enough.
    name: 'approvals survive a push',
    edits: [
      { file: trunk, find: "if (phase.status === 'gate') return phase.gate.head !== mission.trunk.head;", replace: "if (phase.status === 'gate') return false;" },
      { file: phases, find: "if (gate.status === 'awaiting' && gate.head !== mission.trunk.head) return", replace: "if (gate.status === 'awaiting' && gate.head === '') return" },
    ],
  },
  plant('an approval counts for evidence that came later', 'src/core/mission/decide/decide.ts', "if (gate.round !== round) return refuse", 'if (gate.round < 0) return refuse'),
  plant('more attempts at once than allowed', start, 'const full = activeCount(mission.counts) >= mission.plan.settings.maxParallel;', 'const full = activeCount(mission.counts) >= mission.plan.settings.maxParallel + 1;'),
  plant('tasks start before what they need', evolve, "if (task?.status === 'pending' && task.openNeeds === 0 && task.item", "if (task?.status === 'pending' && task.item"),
  plant('phases start before what they need', phases, ': needs.every((need) => isPassed(phaseOf(mission, need)));', ': needs.length < 99;'),
  plant('an older word of /pause wins', request, 'return said !== undefined && latest !== undefined && (', 'return said !== undefined && latest !== undefined && latest.at < 0 && ('),
  plant('what starts while paused is lost', request, "if (!mission.queued) draft.emit({ type: 'mission.queued', by: actor });", ''),
  plant('paused missions go on', progress, "if (mission?.status !== 'running') return;", "if (mission?.status !== 'running' && mission?.status !== 'paused') return;"),
  ...languageMutations,
  ...waiverMutations,
  ...shownMutations,

  // Towards GitHub.
  plant('nobody looks for the marker before creating again', desk, 'const made = earlier === null ? null :', 'const made = earlier === null || earlier.intendedAt >= 0 ? null :'),
  plant('no intent is recorded', desk, "    await this.remember({ key, state: 'intended', remoteId: null, rendered, memory, intendedAt: this.#parts.clock.now() });", ''),
  plant('writes are repeated when the answer is lost', 'src/github/client.ts', 'const answer = await call(this.octokit);\n        await this', 'const answer = await call(this.octokit).catch(async (error: unknown) => (this.#failure(error, options.what).failure === \'network\' ? call(this.octokit) : Promise.reject(error)));\n        await this'),
  plant('the pull request is ready before its gates', pull, 'head: branch, base, draft })', 'head: branch, base, draft: false })'),
  plant('the check of a round that was left goes on for ever', 'src/github/projector/retired-checks.ts', '  await retireRounds(desk, view);\n', ''),
  plant('labels are not taken off', 'src/github/projector/notices.ts', 'if (labels.includes(consumed.label)) {', "if (labels.includes(consumed.label) && consumed.label === 'none') {"),
  plant('a trunk made meanwhile counts as a missing commit', 'src/github/branch-merger.ts', 'if ((await headOf(client, source, request.branch)) === null) await createBranch(client, source, request.branch, request.base);', 'if ((await headOf(client, source, request.branch)) !== null) return missingCommit;\n    await createBranch(client, source, request.branch, request.base);'),
  plant('an authority that cannot be looked up now means no', 'src/github/repository-host.ts', "if (error instanceof HostError && (error.failure === 'network' || error.failure === 'rate-limit')) throw error;", ''),
  plant('a lost merge answer is no merge', 'src/github/branch-merger.ts', 'if (await this.#contains(client, source, request)) return this.#merged(client, source, request);', "return { outcome: 'refused', reason: 'the connection broke' };"),
];
