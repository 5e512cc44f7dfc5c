import type { Transport } from '@modelcontextprotocol/client';

import type { Json } from '../kit/json.ts';
import type { ToolAnswer, ToolServers } from '../steps/outside.ts';
import { StepError } from '../steps/step-type.ts';

/** An MCP server as the operator configured it. */
export type McpServer =
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Calls tools of configured MCP servers; each call starts (or connects to) the server and ends it. The library is loaded by the first call. */
export function createMcpTools(servers: Readonly<Record<string, McpServer>>, version: string): ToolServers {
  return {
    names: () => Object.keys(servers).toSorted(),
    async call(request): Promise<ToolAnswer> {
      const server = servers[request.server];
      if (!server) throw new StepError('environment', `No MCP server ${JSON.stringify(request.server)} is configured on this worker.`);
      const limit = AbortSignal.timeout(request.timeoutMs);
      const signal = AbortSignal.any([request.signal, limit]);
      const { Client } = await import('@modelcontextprotocol/client');
      const client = new Client({ name: 'missiongate', version });
      const what = `the tool ${request.tool} of ${request.server}`;
      try {
        await client.connect(await transportOf(server, request.maximumBytes), { signal, timeout: request.timeoutMs });
        const result = await client.callTool({ name: request.tool, arguments: { ...request.arguments } }, { signal, timeout: request.timeoutMs });
        const text = result.content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
        const structured = (result.structuredContent ?? null) as Json;
        const bytes = Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(structured));
        if (bytes > request.maximumBytes) throw new StepError('work', `The answer of ${what} has ${bytes} bytes; at most ${request.maximumBytes} are taken. Ask it for less.`);
        return { isError: result.isError === true, text, structured };
      } catch (error) {
        throw failureOf(error, what, request.signal, limit, request.timeoutMs);
      } finally {
        await client.close().catch(() => undefined);
      }
    },
  };
}

async function transportOf(server: McpServer, maximumBytes: number): Promise<Transport> {
  if ('url' in server) {
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
    return new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers: { ...server.headers }, redirect: 'error' } });
  }
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
  // What a server prints besides is nobody's evidence; it may hold secrets of the operator.
  return new StdioClientTransport({ command: server.command, args: [...server.args], env: { ...server.env }, stderr: 'ignore', maxBufferSize: maximumBytes * 2 });
}

function failureOf(error: unknown, what: string, outer: AbortSignal, limit: AbortSignal, timeoutMs: number): StepError {
  if (error instanceof StepError) return error;
  const { code, message } = error as Error & { code?: unknown };
  if (outer.aborted) return new StepError('cancelled', `Calling ${what} was ended because the attempt was cancelled.`);
  if (limit.aborted || code === 'REQUEST_TIMEOUT') return new StepError('timeout', `${capital(what)} did not answer within ${timeoutMs / 1000} s. Raise "timeout-seconds", or ask it for less.`);
  // JSON-RPC: unknown method, invalid parameters. MCP says the latter for unknown tools too.
  if (code === -32601 || code === -32602) return new StepError('input', `${capital(what)} refused the call: ${message.slice(0, 500)}`);
  if (code === 'ENOENT' || code === 'EACCES') return new StepError('environment', `The MCP server could not be started (${code}) for ${what}. Whoever runs the worker can correct its command in the configuration.`);
  return new StepError('network', `Calling ${what} failed: ${message.slice(0, 500)}`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
