namespace Estream.Marketplace.Registries.Git;

/// <summary>Where a change of a repository is proposed to those who keep it. Implementations are thread-safe.</summary>
public interface IPullRequests
{
    /// <summary>Proposes a branch.</summary>
    /// <param name="branch">The branch that was pushed.</param>
    /// <param name="target">The branch it is to become part of.</param>
    /// <param name="title">One line.</param>
    /// <param name="body">What those who keep the repository read.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The address of the proposal; of the one that is there, where the branch is proposed already.</returns>
    /// <exception cref="EstreamRegistryException">It was not taken.</exception>
    ValueTask<Uri> OpenAsync(string branch, string target, string title, string body, CancellationToken cancellation);
}
