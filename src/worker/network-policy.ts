import ipaddr from 'ipaddr.js';

/** What a worker's steps may reach besides public addresses. */
export interface NetworkPolicy {
  /** Whether an address may be connected to for this host name. */
  allows(host: string, address: string): boolean;
}

/** Reachable by routing, but nothing a mission has business with: Azure's host agent. */
const neverPublic: ReadonlySet<string> = new Set(['168.63.129.16']);
/** Networks for tests between routers; ipaddr.js counts them as ordinary. */
const benchmarking = ipaddr.IPv4.parseCIDR('198.18.0.0/15');
/** What IANA has given out as global unicast; everything else of IPv6 is something special. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** True for addresses of the public Internet: not private, loopback, link-local, multicast, reserved, a metadata service, nor one of these in another notation. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const written = ipaddr.parse(text);
  // ::ffff:127.0.0.1 is 127.0.0.1; other ways to write IPv4 into IPv6 (NAT64, 6to4, Teredo) have ranges of their own and are refused.
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast' || neverPublic.has(address.toString())) return false;
  if (address instanceof ipaddr.IPv4) return !address.match(benchmarking);
  return written instanceof ipaddr.IPv6 && written.match(globalUnicast);
}

/** What is wrong with an entry of `network.allow`; null when it is a host name, an address or a network. */
export function allowEntryProblem(entry: string): string | null {
  if (ipaddr.isValidCIDR(entry) || ipaddr.isValid(entry)) return null;
  if (/^(?:\*\.)?(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*$/.test(entry)) return null;
  return `${JSON.stringify(entry.slice(0, 100))} is neither a host name, nor *.domain, nor an address, nor a network like 10.0.0.0/8`;
}

/** Public addresses, and what the operator allows: hosts by name (whatever they resolve to), addresses and networks. */
export function networkPolicy(allow: readonly string[]): NetworkPolicy {
  const networks = allow.filter((entry) => ipaddr.isValidCIDR(entry)).map((entry) => ipaddr.parseCIDR(entry));
  const addresses = new Set(allow.filter((entry) => ipaddr.isValid(entry)).map((entry) => ipaddr.process(entry).toString()));
  const names = allow.filter((entry) => !ipaddr.isValid(entry) && !ipaddr.isValidCIDR(entry)).map((entry) => entry.toLowerCase());
  return {
    allows(host, text) {
      if (isPublicAddress(text)) return true;
      const name = host.toLowerCase().replace(/\.$/, '');
      if (names.some((entry) => (entry.startsWith('*.') ? name.endsWith(entry.slice(1)) : name === entry))) return true;
      if (!ipaddr.isValid(text)) return false;
      const address = ipaddr.process(text);
      return addresses.has(address.toString()) || networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
    },
  };
}
