interface Interpreter {
  readonly names: RegExp;
  /** Options after which (or in which) program text stands in the argument list. */
  readonly inline: RegExp;
  readonly wayOut: string;
}

const SHELL = 'write the lines into a script file of the repository and run that: [sh, scripts/check.sh]; or name the program and its arguments directly';
const SCRIPT = 'write the code into a script file of the repository and run that';

const INTERPRETERS: readonly Interpreter[] = [
  // Short options combine: `-ec`, `-lc`.
  { names: /^(?:ba|da|z|k|mk|pdk|a|fi|c|tc|y)?sh$/, inline: /^-[A-Za-z]*c[A-Za-z]*$|^--command(?:=|$)|^-C$|^--init-command(?:=|$)/, wayOut: SHELL },
  { names: /^busybox$|^toybox$/, inline: /^-c$/, wayOut: SHELL },
  { names: /^(?:python|pypy)(?:\d[\d.]*)?$/, inline: /^-[A-Za-z]*c/, wayOut: SCRIPT },
  { names: /^node(?:js)?(?:\d+)?$|^bun$|^tsx$|^ts-node$/, inline: /^-[a-z]*[ep][a-z]*$|^--(?:eval|print)(?:=|$)|^--?(?:import|loader|experimental-loader|require|r)=data:|^data:/, wayOut: SCRIPT },
  { names: /^deno$/, inline: /^eval$|^data:/, wayOut: SCRIPT },
  { names: /^perl(?:\d[\d.]*)?$/, inline: /^-[A-Za-z0-9]*[eE]/, wayOut: SCRIPT },
  { names: /^(?:j?ruby|irb)(?:\d[\d.]*)?$/, inline: /^-[a-z]*e/, wayOut: SCRIPT },
  { names: /^php(?:\d[\d.]*)?$/, inline: /^-[rBRE]$|^--(?:run|process-)/, wayOut: SCRIPT },
  { names: /^lua(?:jit|\d[\d.]*)?$|^Rscript$|^elixir$|^osascript$|^groovy$|^julia$|^raku$/, inline: /^-e/, wayOut: SCRIPT },
  { names: /^(?:pwsh|powershell)$/i, inline: /^-(?:c|command|e|ec|enc|encodedcommand)$/i, wayOut: SCRIPT },
  { names: /^cmd$/i, inline: /^\/[ckr]/i, wayOut: SHELL },
  { names: /^npx$/, inline: /^-c$|^--call(?:=|$)/, wayOut: SHELL },
  { names: /^npm$|^pnpm$|^yarn$/, inline: /^-c$|^--call(?:=|$)|^--shell-mode$/, wayOut: SHELL },
  { names: /^su$|^runuser$|^script$|^flock$/, inline: /^-c$|^--command(?:=|$)/, wayOut: SHELL },
];

/** Programs that start the program named among their arguments: what follows is examined as if it stood alone. */
const WRAPPERS = /^(?:env|nice|ionice|timeout|nohup|setsid|stdbuf|unbuffer|time|xargs|sudo|doas|su|runuser|chroot|unshare|nsenter|flock|script|watch|strace|ltrace|busybox|toybox|npx|bunx|pnpx|npm|pnpm|yarn|corepack|mise|asdf|uv|poetry|pipenv|parallel|find|ssh|firejail|bwrap|taskset|chrt|prlimit)$/;

/** `env -S 'sh -c …'` takes a whole line as one argument. */
const LINE_OPTION = /^-[a-z]*S|^--split-string(?:=|$)/;

export interface InlineCode {
  readonly program: string;
  readonly option: string;
  readonly position: number;
  readonly wayOut: string;
}

function programName(argument: string): string {
  return argument.slice(argument.lastIndexOf('/') + 1).replace(/\.exe$/i, '');
}

/**
 * Finds program text in an argument list (`bash -c`, `python -c`, `node -e`, also behind `env`, `timeout`, …). Such text escapes
 * review: it is no file of the repository, quoting hides what it does, and a value put into it becomes code. This is a rule
 * for people's definitions, not a sandbox: whoever writes a script file can do the same, visibly.
 */
export function findInlineCode(argv: readonly string[]): InlineCode | null {
  for (let start = 0; start < argv.length; start += 1) {
    const program = programName(argv[start]!);
    const interpreter = INTERPRETERS.find((candidate) => candidate.names.test(program));
    const found = interpreter && inlineOption(argv, start, interpreter);
    if (found) return found;
    const wraps = WRAPPERS.test(program);
    if (program === 'env') {
      const position = argv.findIndex((argument, index) => index > start && LINE_OPTION.test(argument));
      if (position !== -1) return { program, option: argv[position]!, position, wayOut: SHELL };
    }
    // Past the first program that is no wrapper, words are its arguments and mean what it wants them to mean.
    if (!wraps && start === 0) return null;
    if (interpreter && !wraps) return null;
  }
  return null;
}

/** Sub-commands that take options of their own: `npm exec -c 'line'`. */
const RUNNER_SUBCOMMAND = /^(?:exec|x|dlx)$/;

function inlineOption(argv: readonly string[], start: number, interpreter: Interpreter): InlineCode | null {
  const first = RUNNER_SUBCOMMAND.test(argv[start + 1] ?? '') ? start + 2 : start + 1;
  for (let position = first; position < argv.length; position += 1) {
    const argument = argv[position]!;
    if (interpreter.inline.test(argument)) return { program: programName(argv[start]!), option: argument.slice(0, 40), position, wayOut: interpreter.wayOut };
    // Options end at the script's name; what follows are the script's own arguments.
    if (argument === '--' || !/^[-/+]/.test(argument)) {
      if (!takesValue(argv[position - 1]!)) return null;
    }
  }
  return null;
}

/** Options whose value is the next argument, so that the value is not taken for the script: `bash -o pipefail -c …`. */
function takesValue(option: string): boolean {
  return /^[-+][A-Za-z]*[oOWXIrLdF]$|^--(?:rcfile|init-file|require|import|loader|conditions|inspect-port|env-file|title)$|^-(?:ExecutionPolicy|File|Version)$/i.test(option) && !/^-{1,2}[cep]$/.test(option);
}
