/** Files whose change changes what judges the work, or who works: the kinds a `scope` guard protects. */
export const protectedFiles = {
  workflows: ['.github/workflows/**', '.github/actions/**', '.gitlab-ci.yml', '.circleci/**', '.buildkite/**', 'azure-pipelines.yml', 'Jenkinsfile', '.husky/**', '.pre-commit-config.yaml', 'lefthook.yml', '.githooks/**'],
  missiongate: ['.github/missions/**', '.github/missiongate.yml', '.github/missiongate.yaml'],
  owners: ['CODEOWNERS', '.github/CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'],
  'agent-instructions': [
    '**/AGENTS.md', '**/AGENTS.override.md', '**/AGENT.md', '**/CLAUDE.md', '**/CLAUDE.local.md', '**/GEMINI.md', '.github/copilot-instructions.md', '.github/instructions/**', '.github/prompts/**', '.github/chatmodes/**', '.github/agents/**',
    '**/.claude/**', '**/.codex/**', '**/.gemini/**', '**/.cursor/**', '**/.cursorrules', '**/.windsurf/**', '**/.windsurfrules', '**/.clinerules', '**/.clinerules/**', '**/.roo/**', '**/.aider*', '**/.continue/**', '**/.amazonq/**', '**/.junie/**', '**/.mcp.json', '.vscode/mcp.json', '**/opencode.json', '.goosehints',
  ],
  lockfiles: [
    '**/package-lock.json', '**/npm-shrinkwrap.json', '**/yarn.lock', '**/pnpm-lock.yaml', '**/bun.lock', '**/bun.lockb', '**/deno.lock', '**/Cargo.lock', '**/go.sum', '**/Gemfile.lock', '**/poetry.lock', '**/uv.lock', '**/pdm.lock', '**/Pipfile.lock',
    '**/composer.lock', '**/packages.lock.json', '**/gradle.lockfile', '**/mix.lock', '**/pubspec.lock', '**/Podfile.lock', '**/Package.resolved', '**/flake.lock', '**/.terraform.lock.hcl',
  ],
  git: ['.gitmodules', '**/.gitattributes', '.git-blame-ignore-revs', '.mailmap'],
  registries: ['**/.npmrc', '**/.yarnrc', '**/.yarnrc.yml', '**/.pypirc', '**/pip.conf', '**/.cargo/config.toml', '**/NuGet.config'],
} as const satisfies { readonly [kind: string]: readonly string[] };

export type ProtectedKind = keyof typeof protectedFiles;

export const protectedKinds = Object.keys(protectedFiles) as readonly ProtectedKind[];
