import type { ProductProcess, ProductWorld } from '../support/product-world.ts';

/** Pause before a process that died is started again, as a service manager would do; milliseconds. */
const restartPauseMs = 200;
/** Far above what a start takes on a busy machine. */
const readyPatienceMs = 60_000;
const refusedLine = '"msg":"a result was refused: its lease was lost"';

/**
 * A process of the product that is started again whenever it ends, until it is retired. It knows which of its deaths were
 * planned: any other end after it was ready is a problem of the product.
 */
export class Member {
  readonly name: string;
  readonly problems: string[] = [];
  readonly #lives: ProductProcess[] = [];
  readonly #start: () => ProductProcess;
  readonly #life: Promise<void>;
  #retired = false;
  #doomed: ProductProcess | null = null;

  constructor(name: string, start: () => ProductProcess) {
    this.name = name;
    this.#start = start;
    this.#lives.push(start());
    this.#life = this.#keepAlive();
  }

  get process(): ProductProcess {
    return this.#lives.at(-1) as ProductProcess;
  }

  get isReady(): boolean {
    const { child, output } = this.process;
    return this.process !== this.#doomed && child.exitCode === null && child.signalCode === null && output().includes('"msg":"ready"');
  }

  /** Results that this member's processes were refused. */
  get refused(): number {
    return this.#lives.reduce((sum, { output }) => sum + output().split(refusedLine).length - 1, 0);
  }

  /** Everything that its processes said. */
  get output(): string {
    return this.#lives.map(({ output }) => output()).join('\n');
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + readyPatienceMs;
    while (!this.isReady) {
      if (Date.now() > deadline) throw new Error(`${this.name} is not ready:\n${this.process.output().slice(-2000)}`);
      await pause(25);
    }
  }

  /** `kill -9`. */
  kill(): void {
    this.#doomed = this.process;
    this.process.child.kill('SIGKILL');
  }

  /** Asks the process to end, waits until it has drained, and until the next one is ready. */
  async restart(): Promise<void> {
    const { process } = this;
    this.#doomed = process;
    process.child.kill('SIGTERM');
    const { code, signal } = await process.exited;
    if (code !== 0) this.problems.push(`${this.name} was asked to stop and ended with ${code ?? signal}:\n${process.output().slice(-600)}`);
    while (this.process === process) await pause(20);
    await this.ready();
  }

  /** The process stands still, as on a machine that sleeps. */
  freeze(): void {
    this.process.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.process.child.kill('SIGCONT');
  }

  /** It is not started again; what runs is left to whoever closes the world. */
  retire(): void {
    this.#retired = true;
    this.thaw();
  }

  async ended(): Promise<void> {
    this.retire();
    this.#doomed = this.process;
    this.process.child.kill('SIGTERM');
    await this.#life;
  }

  async #keepAlive(): Promise<void> {
    for (;;) {
      const { process } = this;
      const { code, signal } = await process.exited;
      const wasReady = process.output().includes('"msg":"ready"');
      if (wasReady && process !== this.#doomed) this.problems.push(`${this.name} died by itself (${code ?? signal}):\n${process.output().slice(-1500)}`);
      await pause(restartPauseMs);
      if (this.#retired) return;
      this.#lives.push(this.#start());
    }
  }
}

/** All processes of an installation. */
export class Fleet {
  readonly members: Member[] = [];
  readonly #world: ProductWorld;

  constructor(world: ProductWorld) {
    this.#world = world;
  }

  /** Starts a member; resolves when it is ready. */
  async add(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Member> {
    const member = new Member(name, () => this.#world.spawn(args, { MISSIONGATE_DATA_DIR: `${this.#world.folder}/${name}`, ...env }));
    this.members.push(member);
    await member.ready();
    return member;
  }

  get workers(): readonly Member[] {
    return this.members.filter(({ name }) => name.startsWith('worker'));
  }

  get refused(): number {
    return this.members.reduce((sum, member) => sum + member.refused, 0);
  }

  get problems(): readonly string[] {
    return this.members.flatMap((member) => member.problems);
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.ended()));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
