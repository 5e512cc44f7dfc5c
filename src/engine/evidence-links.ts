import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What a link leads to: one thing of one mission, or the routines of one repository, and nothing besides. */
export type LinkTarget =
  | { readonly kind: 'gate'; readonly missionId: string; readonly phase: string; readonly round: number; /** The evidence pack itself instead of the page. */ readonly as?: 'json' }
  | { readonly kind: 'artifact'; readonly missionId: string; readonly digest: string }
  | { readonly kind: 'dossier'; readonly missionId: string; /** The dossier itself, its signature, or the PDF, instead of the page. */ readonly as?: DossierForm }
  | { readonly kind: 'routines'; readonly repositoryId: number; /** For programs, instead of the page. */ readonly as?: 'json' };

export const dossierForms = ['json', 'dsse.json', 'pdf'] as const;
export type DossierForm = (typeof dossierForms)[number];

/**
 * Links to evidence. Who has one may read what it leads to: it holds a key that nobody can guess, made from the target with a
 * secret of the server. Links to private repositories' evidence stand only where its readers are, in checks of that repository.
 */
export interface EvidenceLinks {
  /** The whole address; null when nobody told under which address people reach this server. */
  to(target: LinkTarget): string | null;
  /** Path and key, for links between the pages themselves. */
  path(target: LinkTarget): string;
  /** True when the key belongs to the target; takes the same time for every wrong key. */
  allows(target: LinkTarget, key: string): boolean;
}

/** 192 bits: not to be guessed. */
const keyLength = 32;

export function createEvidenceLinks(options: { readonly publicUrl: string | null; readonly secret: string }): EvidenceLinks {
  const secret = Buffer.from(hkdfSync('sha256', options.secret, '', 'missiongate evidence links v1', 32));
  const keyOf = (target: LinkTarget): string => createHmac('sha256', secret).update(JSON.stringify(nameOf(target))).digest('base64url').slice(0, keyLength);
  const path = (target: LinkTarget): string => `${pathOf(target)}?key=${keyOf(target)}`;
  return {
    path,
    to: (target) => (options.publicUrl === null ? null : `${options.publicUrl}${path(target)}`),
    allows: (target, key) => {
      const given = Buffer.from(key);
      const right = Buffer.from(keyOf(target));
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}

/** Page and pack of a gate's round share their key, as do all forms of a dossier and of routines: who may read one may read the other. */
function nameOf(target: LinkTarget): readonly (string | number)[] {
  if (target.kind === 'dossier') return ['dossier', target.missionId];
  if (target.kind === 'routines') return ['routines', target.repositoryId];
  return target.kind === 'gate' ? ['gate', target.missionId, target.phase, target.round] : ['artifact', target.missionId, target.digest];
}

function pathOf(target: LinkTarget): string {
  if (target.kind === 'routines') return `/repositories/${target.repositoryId}/routines${target.as === undefined ? '' : '.json'}`;
  const mission = `/missions/${target.missionId}`;
  if (target.kind === 'dossier') return `${mission}/dossier${target.as === undefined ? '' : `.${target.as}`}`;
  return target.kind === 'gate' ? `${mission}/gates/${target.phase}/${target.round}${target.as === 'json' ? '.json' : ''}` : `${mission}/artifacts/${target.digest}`;
}

/** What a path asks for, as `pathOf` writes it; null for any other. */
export function readLinkPath(path: string): LinkTarget | null {
  const routines = /^\/repositories\/([1-9][0-9]{0,15})\/routines(\.json)?$/.exec(path);
  if (routines !== null) return { kind: 'routines', repositoryId: Number(routines[1]), ...(routines[2] === undefined ? {} : { as: 'json' as const }) };
  const match = /^\/missions\/(r[1-9][0-9]{0,15}-i[1-9][0-9]{0,9})\/(?:gates\/([a-z0-9][a-z0-9-]{0,62})\/([1-9][0-9]{0,8})(\.json)?|artifacts\/([0-9a-f]{64})|(dossier)(?:\.(json|dsse\.json|pdf))?)$/.exec(path);
  if (match === null) return null;
  const [, missionId = '', phase, round, json, digest, dossier, form] = match;
  if (dossier !== undefined) {
    const as = dossierForms.find((one) => one === form);
    return { kind: 'dossier', missionId, ...(as === undefined ? {} : { as }) };
  }
  if (digest !== undefined) return { kind: 'artifact', missionId, digest };
  return { kind: 'gate', missionId, phase: phase ?? '', round: Number(round), ...(json === undefined ? {} : { as: 'json' as const }) };
}
