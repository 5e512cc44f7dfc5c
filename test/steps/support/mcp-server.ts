import { McpServer, fromJsonSchema } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';

/** A real MCP server on standard input and output. */
const server = new McpServer({ name: 'tests', version: '1.0.0' });
const query = fromJsonSchema<{ query: string }>({ type: 'object', required: ['query'], properties: { query: { type: 'string' } } });

server.registerTool('find', { description: 'Finds', inputSchema: query }, ({ query: wanted }) => ({ content: [{ type: 'text' as const, text: `found ${wanted} with ${process.env['FIND_KEY'] ?? 'no key'} and ${process.env['FAKE_WORKER_TOKEN'] ?? 'nothing else'}` }], structuredContent: { found: [wanted] } }));
server.registerTool('fail', { description: 'Fails', inputSchema: query }, () => ({ isError: true, content: [{ type: 'text' as const, text: 'the index is broken' }] }));
server.registerTool('flood', { description: 'Says much', inputSchema: query }, () => ({ content: [{ type: 'text' as const, text: 'x'.repeat(1_500_000) }] }));
server.registerTool('hang', { description: 'Never answers', inputSchema: query }, () => new Promise(() => undefined));
await server.connect(new StdioServerTransport());
