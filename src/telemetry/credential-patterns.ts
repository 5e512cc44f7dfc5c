import type { SecretRange } from './secret-range.ts';

/**
 * A form of credential. `pattern` is global and has bounded repetition; it can begin only where a run of its characters begins
 * (lookbehind), so that a long run is entered once and the search stays linear.
 */
interface CredentialRule {
  readonly name: string;
  /** One of these stands in every match, in lower case: a text without is not searched. */
  readonly keywords: readonly string[];
  readonly pattern: RegExp;
}

/** A credential recognised by what it begins with. The forms are their issuers' own, documented for secret scanning. */
function prefixed(name: string, prefix: string, rest: string, keyword: string): CredentialRule {
  return { name, keywords: [keyword], pattern: new RegExp(`(?<![A-Za-z0-9_-])(?:${prefix})${rest}`, 'g') };
}

/** In rules with a group named `secret` only the group is replaced. */
const RULES: readonly CredentialRule[] = [
  prefixed('GitHub token', 'gh[pousr]_', '[A-Za-z0-9_]{20,255}(?:\\.[A-Za-z0-9_-]{10,2048}){0,2}', 'gh'),
  prefixed('GitHub fine-grained token', 'github_pat_', '[A-Za-z0-9_]{20,255}', 'github_pat_'),
  prefixed('GitLab token', 'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-', '[A-Za-z0-9_.-]{16,300}', 'gl'),
  prefixed('JSON Web Token', 'eyJ', '[A-Za-z0-9_-]{8,8192}\\.[A-Za-z0-9_-]{8,16384}\\.[A-Za-z0-9_-]{8,4096}', 'eyj'),
  prefixed('AWS key id', '(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA)', '[A-Z0-9]{16}(?![A-Za-z0-9])', 'a'),
  { name: 'AWS secret key', keywords: ['secret'], pattern: /secret_?(?:access_?)?key["']?\s{0,4}[:=]\s{0,4}["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi },
  prefixed('Slack token', 'xox[abeoprs](?:\\.xox[bp])?-|xapp-', '[A-Za-z0-9-]{10,512}', 'x'),
  { name: 'Slack webhook', keywords: ['hooks.slack.com'], pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[A-Za-z0-9/_-]{20,200})/g },
  { name: 'Discord webhook', keywords: ['/api/webhooks/'], pattern: /\/api\/webhooks\/\d{15,25}\/(?<secret>[A-Za-z0-9_-]{40,100})/g },
  prefixed('npm token', 'npm_', '[A-Za-z0-9]{36,255}', 'npm_'),
  prefixed('model provider key', 'sk-(?:ant-|proj-|svcacct-|admin-|or-v1-|or-)?', '[A-Za-z0-9_-]{20,255}', 'sk-'),
  prefixed('model provider key', '(?:gsk_|r8_|pplx-|xai-|hf_|nvapi-|fw_|tgp_v1_|csk-)', '[A-Za-z0-9_-]{20,255}', ''),
  prefixed('Stripe key', '(?:[spr]k|whsec)_(?:live_|test_|prod_)?', '[A-Za-z0-9]{24,255}', 'k_'),
  prefixed('Stripe webhook secret', 'whsec_', '[A-Za-z0-9+/=]{24,255}', 'whsec_'),
  prefixed('Google key', 'AIza', '[A-Za-z0-9_-]{35}', 'aiza'),
  prefixed('Google OAuth', 'GOCSPX-|ya29\\.|1//0', '[A-Za-z0-9_-]{20,512}', ''),
  prefixed('SendGrid key', 'SG\\.', '[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}', 'sg.'),
  prefixed('PyPI token', 'pypi-', '[A-Za-z0-9_-]{50,1024}', 'pypi-'),
  prefixed('registry token', '(?:dckr_pat_|dckr_oat_|rubygems_|crates_io_|oy2|cio|CFPAT-|PMAK-|figd_|ntn_|secret_|lin_api_|lin_oauth_|shp(?:at|ca|pa|ss)_|sq0[a-z]{3}-|EAAA)', '[A-Za-z0-9_-]{24,255}', ''),
  prefixed('cloud token', '(?:do[opr]_v1_|hv[sbr]\\.|dp\\.(?:pt|st|ct|sa|scim|audit)\\.|dapi|pul-|sntry[su]_|sbp_|glsa_|glc_|NRAK-|pscale_(?:tkn|oauth|pw)_|nfp_|HRKU-|fm[12]_|FlyV1 fm[12]_|bkua_|CCI(?:PAT|PRJ)_|ATATT3|ATCTT3|ATBB|tfp_|vercel_|v1\\.0-)', '[A-Za-z0-9_+/=.-]{24,1024}', ''),
  prefixed('age key', 'AGE-SECRET-KEY-1', '[A-Z0-9]{50,70}', 'age-secret-key'),
  { name: 'Telegram bot token', keywords: [':aa'], pattern: /(?<![0-9A-Za-z])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/g },
  { name: 'Azure account key', keywords: ['key='], pattern: /(?:AccountKey|SharedAccessKey|SharedSecretValue)=(?<secret>[A-Za-z0-9+/]{40,100}={0,2})/gi },
  { name: 'Azure client secret', keywords: ['8q~'], pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])/g },
  {
    name: 'authorization header',
    keywords: ['auth', 'cookie'],
    pattern: /(?<![A-Za-z0-9])(?:proxy-)?authorization["']{0,2}\s{0,4}[:=]\s{0,4}["']?(?:basic|bearer|token|digest|negotiate|apikey)\s{1,4}(?<secret>[^\s"'`,;[][^\s"'`,;]{5,8191})/gi,
  },
  {
    name: 'key header',
    keywords: ['x-', 'private-token', 'authorization'],
    pattern: /(?<![A-Za-z0-9-])(?:x-api-key|x-auth-token|x-access-token|x-vault-token|x-goog-api-key|private-token|authorization)["']{0,2}\s{0,4}[:=]\s{0,4}["']?(?<secret>[A-Za-z0-9_~+/=.-]{16,8192})/gi,
  },
  { name: 'bearer token', keywords: ['bearer'], pattern: /(?<![A-Za-z0-9])bearer\s{1,4}(?<secret>[A-Za-z0-9_~+/=.-]{20,8192})/gi },
  // RFC 3986 3.2.1; covers connection strings of databases and brokers too.
  { name: 'password in URL', keywords: ['://'], pattern: /:\/\/[^\s/?#@:"'<>]{0,256}:(?<secret>[^\s/?#@"'<>[][^\s/?#@"'<>]{0,1023})(?=@)/g },
  { name: 'token as user in URL', keywords: ['://'], pattern: /:\/\/(?<secret>[A-Za-z0-9_.~-]{20,512})(?=@)/g },
  { name: 'password in connection string', keywords: ['pwd', 'password'], pattern: /;\s{0,2}(?:password|pwd)\s{0,2}=\s{0,2}(?<secret>[^\s;"'[][^\s;"']{2,511})/gi },
  {
    name: 'secret variable',
    keywords: ['secret', 'token', 'password', 'passwd', '_key'],
    pattern: /(?<![A-Za-z0-9_])(?=[A-Z0-9_]{5,80}=)[A-Z0-9_]{0,60}(?:SECRET|TOKEN|PASSWORD|PASSWD|API_KEY|PRIVATE_KEY|ACCESS_KEY)[A-Z0-9_]{0,20}=["']?(?<secret>[A-Za-z0-9_~+/=.!@#%^*:-]{8,4096})/g,
  },
];

/** Places in a text that have the form of a credential. Private keys in PEM are found without a regular expression. */
export function findCredentials(text: string): SecretRange[] {
  const ranges = findPrivateKeys(text);
  const lower = text.toLowerCase();
  for (const rule of RULES) {
    if (!rule.keywords.some((keyword) => lower.includes(keyword))) continue;
    for (const match of text.matchAll(rule.pattern)) {
      const secret = match.groups?.['secret'];
      const start = secret === undefined ? match.index : match.index + match[0].lastIndexOf(secret);
      ranges.push({ start, end: start + (secret ?? match[0]).length });
    }
  }
  return ranges;
}

const PEM_BEGIN = '-----BEGIN ';
const PEM_END = '-----END ';
const PEM_HEADER = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;
/** An RSA-16384 key in PEM has about 13,000 characters; wrapped and escaped it may have more. */
const PEM_LONGEST = 32_768;

/**
 * From BEGIN to END; where END is missing (cut output), everything that can be the body. `indexOf` looks for each marker
 * once, so many BEGINs without an END cost no more than one.
 */
function findPrivateKeys(text: string): SecretRange[] {
  const ranges: SecretRange[] = [];
  let end = -1;
  let endsExhausted = false;
  for (let start = text.indexOf(PEM_BEGIN); start !== -1; start = text.indexOf(PEM_BEGIN, start + PEM_BEGIN.length)) {
    PEM_HEADER.lastIndex = start;
    const header = PEM_HEADER.exec(text);
    if (!header) continue;
    const bodyStart = start + header[0].length;
    if (end < bodyStart && !endsExhausted) {
      end = text.indexOf(PEM_END, bodyStart);
      endsExhausted = end === -1;
    }
    const closed = !endsExhausted && end - bodyStart <= PEM_LONGEST;
    const finish = closed ? closingOf(text, end) : bodyEnd(text, bodyStart);
    ranges.push({ start, end: finish });
    start = Math.max(start, finish - PEM_BEGIN.length);
  }
  return ranges;
}

function closingOf(text: string, end: number): number {
  const dashes = text.indexOf('-----', end + PEM_END.length);
  return dashes === -1 || dashes - end > 100 ? end + PEM_END.length : dashes + 5;
}

function bodyEnd(text: string, start: number): number {
  // A following marker must stay visible to the search.
  const next = text.indexOf('-----', start);
  const limit = Math.min(text.length, start + PEM_LONGEST, next === -1 ? Infinity : next);
  let at = start;
  while (at < limit && /[A-Za-z0-9+/=\s\\:,.-]/.test(text[at]!)) at += 1;
  return at;
}
