import type { IntegrationResult } from '../core/mission/signal.ts';
import type { MissionSource } from '../core/mission/source.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import type { RepositoryHost } from '../engine/ports/repository-host.ts';
import { createBranch, headOf } from './branches.ts';
import type { InstallationClient } from './client.ts';
import { readTrunk } from './trunk-facts.ts';

type MergeRequest = Parameters<RepositoryHost['mergeInto']>[1];

/** Merges commits into trunks by GitHub's merge call, which is idempotent: what is contained already is "nothing to merge". */
export class BranchMerger {
  readonly #botLogin: string;

  constructor(botLogin: string) {
    this.#botLogin = botLogin;
  }

  async merge(client: InstallationClient, source: MissionSource, request: MergeRequest): Promise<IntegrationResult> {
    try {
      return await this.#mergeOnce(client, source, request);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.failure === 'network') {
        // The merge may have been made and only its answer lost: look before anybody does it again.
        if (await this.#contains(client, source, request)) return this.#merged(client, source, request);
        throw error;
      }
      if (error.status === 409) return this.#conflict(client, source, request);
      if (error.failure === 'gone') return this.#mergeMissing(client, source, request);
      if (error.status === 403 && error.failure === 'permission') return refused(request, error);
      if (error.status === 422) return refused(request, error);
      throw error;
    }
  }

  async #mergeOnce(client: InstallationClient, source: MissionSource, request: MergeRequest): Promise<IntegrationResult> {
    const { repository } = source;
    await client.write({ write: 'merge', what: `merging ${request.commit.slice(0, 12)} into ${request.branch}`, priority: 'decision', content: false }, (octokit) =>
      octokit.rest.repos.merge({ owner: repository.owner, repo: repository.name, base: request.branch, head: request.commit, commit_message: request.message }),
    );
    return this.#merged(client, source, request);
  }

  /**
   * 404 means that the branch was missing (it is created, unless somebody did so meanwhile) or that the commit is: that is
   * certain only when the branch was there before the call.
   */
  async #mergeMissing(client: InstallationClient, source: MissionSource, request: MergeRequest): Promise<IntegrationResult> {
    const missingCommit: IntegrationResult = { outcome: 'refused', reason: `GitHub does not know the commit ${request.commit.slice(0, 12)}` };
    if ((await headOf(client, source, request.branch)) === null) await createBranch(client, source, request.branch, request.base);
    try {
      return await this.#mergeOnce(client, source, request);
    } catch (error) {
      if (error instanceof HostError && error.status === 409) return this.#conflict(client, source, request);
      if (error instanceof HostError && error.failure === 'gone') return missingCommit;
      throw error;
    }
  }

  async #conflict(client: InstallationClient, source: MissionSource, request: MergeRequest): Promise<IntegrationResult> {
    const head = await headOf(client, source, request.branch);
    return { outcome: 'conflict', reason: `its changes collide with what was merged into ${request.branch} meanwhile`, ...(head === null ? {} : { trunk: await readTrunk(client, source, head, request.base, this.#botLogin) }) };
  }

  async #merged(client: InstallationClient, source: MissionSource, request: MergeRequest): Promise<IntegrationResult> {
    const head = await headOf(client, source, request.branch);
    if (head === null) throw new HostError('gone', `the branch ${request.branch} disappeared after the merge`);
    return { outcome: 'merged', ...(await readTrunk(client, source, head, request.base, this.#botLogin)) };
  }

  async #contains(client: InstallationClient, source: MissionSource, request: MergeRequest): Promise<boolean> {
    const { repository } = source;
    try {
      const { data } = await client.read('looking whether the merge was made', (octokit) =>
        octokit.rest.repos.compareCommitsWithBasehead({ owner: repository.owner, repo: repository.name, basehead: `${request.commit}...${request.branch}`, per_page: 1 }),
      );
      return data.status === 'ahead' || data.status === 'identical';
    } catch (error) {
      if (error instanceof HostError && error.failure === 'gone') return false;
      throw error;
    }
  }
}

function refused(request: MergeRequest, error: HostError): IntegrationResult {
  return { outcome: 'refused', reason: `GitHub refused to merge into ${request.branch} (${error.status ?? 'no status'}); is the branch protected against the App?` };
}
