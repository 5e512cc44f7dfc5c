/** One line of a push: what the client wants a ref to be. */
export interface RefCommand {
  readonly before: string;
  readonly after: string;
  readonly ref: string;
}

export interface CommandList {
  readonly commands: readonly RefCommand[];
  readonly capabilities: readonly string[];
  /** Everything read so far, to be handed on to git. */
  readonly consumed: Buffer;
}

/** More than any push of the forge's users needs; guards memory. */
const COMMANDS_MAX_BYTES = 4 * 1024 * 1024;

/** Reads the command list at the start of a `git-receive-pack` request, up to its flush packet. */
export async function readCommandList(next: () => Promise<Buffer | null>): Promise<CommandList | null> {
  let data = Buffer.alloc(0);
  let at = 0;
  const lines: string[] = [];
  for (;;) {
    while (data.length < at + 4) {
      const chunk = await next();
      if (chunk === null) return lines.length === 0 ? { commands: [], capabilities: [], consumed: data } : null;
      data = Buffer.concat([data, chunk]);
    }
    const size = Number.parseInt(data.toString('latin1', at, at + 4), 16);
    if (Number.isNaN(size) || data.length > COMMANDS_MAX_BYTES) return null;
    if (size === 0) break;
    while (data.length < at + size) {
      const chunk = await next();
      if (chunk === null) return null;
      data = Buffer.concat([data, chunk]);
    }
    lines.push(data.toString('utf8', at + 4, at + size).replace(/\n$/, ''));
    at += size;
  }
  const capabilities = (lines[0]?.split('\0')[1] ?? '').split(' ').filter((one) => one !== '');
  const commands = lines
    .map((line) => /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/.exec(line.split('\0')[0] ?? ''))
    .filter((found) => found !== null)
    .map((found) => ({ before: found[1] ?? '', after: found[2] ?? '', ref: found[3] ?? '' }));
  return { commands, capabilities, consumed: data };
}

function packet(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}

/** The answer of a server that declines every command of a push, with a message the client prints. */
export function declineReport(list: CommandList, reason: string): Buffer {
  const report = `${packet('unpack ok\n')}${list.commands.map((command) => packet(`ng ${command.ref} protected branch hook declined\n`)).join('')}0000`;
  if (!list.capabilities.includes('side-band-64k')) return Buffer.from(report);
  return Buffer.from(`${packet(`\u0002error: GH006: ${reason}\n`)}${packet(`\u0001${report}`)}0000`);
}
