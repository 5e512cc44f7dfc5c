import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { consistencyProof, emptyRoot, Frontier, inclusionProof, leafHash, provesConsistency, provesInclusion, rootOf } from '../../../src/core/ledger/merkle.ts';
import { seeded } from '../../support/random.ts';

/** Leaves and roots as in the test data of Certificate Transparency's reference implementation (RFC 6962, the same hashing). */
const published = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const publishedRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leaves = (count: number) => Array.from({ length: count }, (_, index) => leafHash(`entry ${index}`));

/** The definition of RFC 9162, 2.1.1, word for word. */
function byDefinition(entries: readonly Buffer[]): Buffer {
  const sha = (...parts: readonly Buffer[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
  if (entries.length === 0) return sha();
  if (entries.length === 1) return sha(Buffer.from([0]), entries[0] ?? Buffer.alloc(0));
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha(Buffer.from([1]), byDefinition(entries.slice(0, k)), byDefinition(entries.slice(k)));
}

describe('the Merkle tree', () => {
  it('gives the published roots', () => {
    const tree = new Frontier();
    expect(tree.root()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const roots = published.map((hex) => {
      tree.append(createHash('sha256').update(Buffer.from(`00${hex}`, 'hex')).digest());
      return tree.root();
    });
    expect(roots).toEqual(publishedRoots);
    expect(rootOf([])).toBe(emptyRoot);
  });

  it('has at every size the root that the definition gives', () => {
    const tree = new Frontier();
    const entries: Buffer[] = [];
    for (let size = 1; size <= 300; size += 1) {
      entries.push(Buffer.from(`entry ${size - 1}`));
      tree.append(leafHash(`entry ${size - 1}`));
      if (size <= 70 || size > 250) expect(tree.root()).toBe(byDefinition(entries).toString('hex'));
    }
    expect(tree.size).toBe(300);
  });

  it('proves every entry of every size to be in it', () => {
    const all = leaves(1000);
    for (const size of [...Array.from({ length: 130 }, (_, index) => index + 1), 255, 256, 257, 500, 1000]) {
      const some = all.slice(0, size);
      const root = rootOf(some);
      for (let index = 0; index < size; index += size > 300 ? 7 : 1) {
        const leaf = some[index] ?? Buffer.alloc(0);
        const proof = inclusionProof(some, index);
        expect(provesInclusion({ leaf, index, size, root }, proof)).toBe(true);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      }
    }
  });

  it('proves every smaller tree to be the beginning of a larger one', () => {
    const all = leaves(128);
    const roots = all.map((_, index) => rootOf(all.slice(0, index + 1)));
    for (let second = 1; second <= all.length; second += 1) {
      for (let first = 1; first <= second; first += 1) {
        const proof = consistencyProof(all.slice(0, second), first);
        expect(provesConsistency({ size: first, root: roots[first - 1] ?? '' }, { size: second, root: roots[second - 1] ?? '' }, proof)).toBe(true);
      }
    }
  });

  it('takes no proof that was changed, shortened, lengthened, or made for another place', () => {
    const random = seeded(5);
    const all = leaves(200);
    let refused = 0;
    for (let round = 0; round < 1000; round += 1) {
      const size = 2 + Math.floor(random() * 199);
      const index = Math.floor(random() * size);
      const some = all.slice(0, size);
      const root = rootOf(some);
      const leaf = some[index] ?? Buffer.alloc(0);
      const proof = [...inclusionProof(some, index)];
      const at = Math.floor(random() * proof.length);
      const how = round % 5;
      if (how === 0) proof[at] = createHash('sha256').update(`${round}`).digest('hex');
      if (how === 1) proof.splice(at, 1);
      if (how === 2) proof.splice(at, 0, root);
      if (how === 3) proof[at] = (proof[at] ?? '').toUpperCase().slice(1);
      const claim = how === 4 ? { leaf, index: (index + 1) % size, size, root } : { leaf, index, size, root };
      if (!provesInclusion(claim, proof)) refused += 1;
    }
    expect(refused).toBe(1000);
  });

  it('takes no proof of growth between trees that are not the same history', () => {
    const ours = leaves(64);
    const theirs = ours.map((leaf, index) => (index === 20 ? leafHash('another') : leaf));
    for (let first = 21; first < 64; first += 1) {
      const proof = consistencyProof(ours, first);
      expect(provesConsistency({ size: first, root: rootOf(theirs.slice(0, first)) }, { size: 64, root: rootOf(ours) }, proof)).toBe(false);
      expect(provesConsistency({ size: first, root: rootOf(ours.slice(0, first)) }, { size: 64, root: rootOf(theirs) }, proof)).toBe(false);
    }
  });
});
