import { isJsonObject, type Json } from '../kit/json.ts';

const COLOURS: Readonly<Record<string, string>> = { trace: '2', debug: '2', info: '36', warn: '33', error: '31', fatal: '41;97' };

/** Fields that the line shows by itself. */
const SHOWN = new Set(['level', 'time', 'msg', 'err']);

/** One log record (JSON) as a line for people: time of day, level, message, then `name=value`, then a stack on lines of its own. */
export function formatLine(json: string, colour: boolean): string {
  let record: Json;
  try {
    record = JSON.parse(json) as Json;
  } catch {
    return json;
  }
  if (!isJsonObject(record)) return json;
  const level = typeof record['level'] === 'string' ? record['level'] : 'info';
  const time = typeof record['time'] === 'string' ? record['time'].slice(11, 19) : '';
  const fields = Object.entries(record).filter(([name]) => !SHOWN.has(name)).map(([name, value]) => `${name}=${fieldText(value)}`);
  const paint = (code: string, text: string): string => (colour && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text);
  const parts = [paint('2', time), paint(COLOURS[level] ?? '0', level.toUpperCase().padEnd(5)), messageText(record['msg']), paint('2', fields.join(' '))];
  return [parts.filter((part) => part !== '').join(' '), ...stackOf(record['err'])].join('\n');
}

function messageText(value: Json | undefined): string {
  return typeof value === 'string' ? visible(value) : '';
}

function fieldText(value: Json | undefined): string {
  if (typeof value === 'string' && /^[^\s"=]{1,200}$/.test(value)) return visible(value);
  return JSON.stringify(value) ?? '';
}

/** Control characters would let a logged text move the cursor or forge lines. */
function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => (character === '\n' ? '\\n' : `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`));
}

function stackOf(error: Json | undefined): string[] {
  if (!isJsonObject(error)) return [];
  const text = typeof error['stack'] === 'string' ? error['stack'] : typeof error['message'] === 'string' ? error['message'] : '';
  return text.split('\n').map((line) => `    ${visible(line)}`);
}
