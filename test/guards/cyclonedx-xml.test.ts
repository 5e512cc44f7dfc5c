import { describe, expect, it } from 'vitest';

import { examineWith } from './support/guard-world.ts';

const bom = (content: string, root = '<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">') => `<?xml version="1.0"?>\n${root}${content}${root.replace(/^<([\w:]+)[^]*$/, '</$1>')}`;
const component = (name: string, more = '') => `<component type="library"><name>${name}</name><version>1</version>${more}</component>`;
const read = (text: string) => examineWith('cyclonedx', { path: 'bom.xml' }, { files: { 'bom.xml': text } });
const denied = async (text: string) => (await examineWith('licenses', { path: 'bom.xml', allow: ['Zlib'] }, { files: { 'bom.xml': text } })).findings?.kept().map(({ message }) => message);

describe('CycloneDX in XML', () => {
  it('counts components within components, and neither the product nor what a component comes from', async () => {
    const nested = component('outer', `<components>${component('inner')}</components><pedigree><ancestors>${component('ancestor')}</ancestors></pedigree><evidence><licenses><license><id>MIT</id></license></licenses></evidence>`);
    expect(await read(bom(`<metadata><component type="application"><name>product</name></component><licenses><license><id>MIT</id></license></licenses></metadata><components>${nested}</components><services><service><name>s</name></service></services>`))).toMatchObject({ passed: true, metrics: { sbom_components: 2, components_unlicensed: 2 } });
  });

  it.each([
    ['<license><id>MIT</id></license>', 'MIT'],
    ['<license bom-ref="l"><name> Our own\n licence </name><text>MIT</text></license>', 'Our own licence'],
    ['<expression>(MIT OR ISC)</expression>', '(MIT OR ISC)'],
    ['<license><id>MIT</id></license><license><name><![CDATA[A & B]]></name></license>', 'MIT AND A & B'],
  ])('knows the licences %s', async (licences, expected) => {
    expect(await denied(bom(`<components><component><group>@scope</group><name>a</name><version>1</version><licenses>${licences}</licenses></component></components>`))).toEqual([`@scope/a 1 is licensed under ${expected}, which is not allowed.`]);
  });

  it('counts vulnerabilities by their worst rating', async () => {
    const vulnerability = (id: string, ratings: string) => `<vulnerability><id>${id}</id><ratings>${ratings}</ratings><description>It <b>is</b> bad</description><advisories><advisory><title>x</title></advisory></advisories></vulnerability>`;
    const outcome = await read(bom(`<components>${component('a')}</components><vulnerabilities>${vulnerability('CVE-1', '<rating><source><name>NVD</name></source><score>9.8</score></rating><rating><severity>medium</severity></rating>')}${vulnerability('CVE-2', '<rating><severity>low</severity></rating>')}${vulnerability('CVE-3', '')}</vulnerabilities>`));
    expect(outcome).toMatchObject({ passed: true, metrics: { critical_cves: 1, low_cves: 1, unrated_cves: 1, medium_cves: 0 } });
    expect(outcome.findings?.kept().map(({ rule, message }) => `${rule} ${message}`)).toEqual(['CVE-1 It is bad', 'CVE-3 It is bad', 'CVE-2 It is bad']);
  });

  it('counts vulnerabilities of the older extension, under whatever prefix', async () => {
    const text = bom('<b:components><b:component><b:name>a</b:name><v:vulnerabilities><v:vulnerability ref="x"><v:id>CVE-9</v:id><v:ratings><v:rating><v:score><v:base>7.5</v:base><v:impact>1</v:impact></v:score></v:rating></v:ratings></v:vulnerability></v:vulnerabilities></b:component></b:components>', '<b:bom xmlns:b="http://cyclonedx.org/schema/bom/1.2" xmlns:v="http://cyclonedx.org/schema/ext/vulnerability/1.0">');
    expect(await read(text)).toMatchObject({ passed: true, metrics: { sbom_components: 1, high_cves: 1 } });
  });

  it.each([
    ['<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', 'bom.xml is XML, and no CycloneDX'],
    ['<bom><components/></bom>', 'bom.xml is XML, and no CycloneDX'],
    [bom('<components/>'), 'bom.xml lists no component: nothing was looked at.'],
    [`<!DOCTYPE bom [<!ENTITY a "x">]>${bom(`<components>${component('&a;')}</components>`)}`, 'it defines a document type of its own'],
    [bom(`<components>${component('&lol;')}</components>`), 'bom.xml:2:'],
    [bom(component('a', '<components>').repeat(300)), 'bom.xml:2:'],
    [bom(`<components>${component('a', '<components>'.concat('<component><components>'.repeat(150)))}`), 'more than 200 levels deep'],
    [bom(`<components>${'<component/>'.repeat(500_001)}</components>`), 'more than 500,000 components'],
  ])('refuses %.60s', async (text, reason) => {
    expect(await read(text)).toMatchObject({ passed: false, metrics: {}, summary: expect.stringContaining(reason) as string });
  });
});
