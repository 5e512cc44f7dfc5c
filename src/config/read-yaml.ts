export { readYaml, storable, yamlLimits } from '../core/text/read-yaml.ts';
export type { YamlLimits, YamlOptions, YamlPath, YamlText } from '../core/text/read-yaml.ts';
