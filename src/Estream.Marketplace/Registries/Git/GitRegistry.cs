using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries.Git;

/// <summary>
/// A registry in a Git repository: the files of <see cref="DirectoryRegistry"/> on a branch. A publication is a commit that is pushed to
/// the branch or proposed in a pull request.
/// </summary>
/// <remarks>Thread-safe; one call at a time writes. Fetches the branch on first use and with <see cref="RefreshAsync"/>. Requires the
/// program <c>git</c>.</remarks>
public sealed class GitRegistry : IComponentRegistry, IDisposable
{
    private const int MaxTries = 5;
    private const int MaxAnswerBytes = 64 << 10;

    private readonly GitRegistryOptions _options;
    private readonly GitCommand _git;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private string? _commit;
    private bool _isFetched;

    /// <summary>Creates an instance without accessing the repository.</summary>
    /// <param name="options">The repository and the settings.</param>
    /// <exception cref="ArgumentException">Git could take the address or the branch for an option or for a command to run.</exception>
    public GitRegistry(GitRegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.CacheDirectory);
        if (options.Remote.Length == 0 || options.Remote[0] == '-' || options.Remote.Any(char.IsControl)
            || options.Remote.Contains("::", StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{options.Remote}' is not a valid repository address.", nameof(options));
        }

        if (options.Branch.Length == 0
            || !options.Branch.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or '/')
            || options.Branch[0] == '-')
        {
            throw new ArgumentException(
                $"'{options.Branch}' is not a valid branch name. Use letters, digits, hyphens, underscores, dots and slashes.",
                nameof(options));
        }

        (_options, _git) = (options, new GitCommand(options));
        Location = "git:" + options.Remote;
        Files = new Branch(this);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IFileSource Files { get; }

    private string BranchRef => "refs/heads/" + _options.Branch;

    /// <summary>Fetches the current state of the branch.</summary>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamRegistryException">The repository is out of reach.</exception>
    public async ValueTask RefreshAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await FetchAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation) =>
        (await (await FilesAsync(cancellation).ConfigureAwait(false)).ReadIndexAsync(name, cancellation).ConfigureAwait(false)).Releases;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ComponentName>> SearchAsync(string text, int limit, CancellationToken cancellation)
    {
        await FilesAsync(cancellation).ConfigureAwait(false);
        if (_commit is null)
        {
            return [];
        }

        // Take the names from the tree: with a file of all names, every two concurrent publications would conflict.
        byte[] listed = await _git.RunAsync(["ls-tree", "-r", "--name-only", "-z", _commit, "--", RegistryPaths.IndexFolder + "/"],
            RegistryLimits.MaxNamesBytes, cancellation).ConfigureAwait(false);
        return RegistryFiles.Matching(Encoding.UTF8.GetString(listed).Split('\0').Select(RegistryPaths.NameOfIndex).OfType<ComponentName>(),
            text, limit);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> ReadPackageAsync(RegistryRelease release, CancellationToken cancellation) =>
        await (await FilesAsync(cancellation).ConfigureAwait(false)).ReadPackageAsync(release, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<byte[]> ReadBundleAsync(RegistryRelease release, CancellationToken cancellation) =>
        await (await FilesAsync(cancellation).ConfigureAwait(false)).ReadBundleAsync(release, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<PublishResult> PublishAsync(RegistryPublication publication, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(publication);
        RegistryRelease release = publication.Release;
        return ChangeIndexAsync(
            release.Name,
            $"Publish {release}",
            $"publish/{Slug(release.Name)}-{release.Version}",
            index => RegistryChange.Publish(index, publication, Location),
            [new(RegistryPaths.Package(release.Name, release.Version), publication.Package),
                new(RegistryPaths.Bundle(release.Name, release.Version), publication.Bundle)],
            cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<PublishResult> RenewBundlesAsync(ComponentName name, IReadOnlyList<RegistryBundle> bundles,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(bundles);
        return _options.PullRequests is not null ? ValueTask.FromResult(new PublishResult(PublishOutcome.Unchanged)) : ChangeAsync(
            $"Renew the bundles of {name}",
            $"renew/{Slug(name)}",
            "The same facts, signed at a later time. Clients verify the signatures.",
            async there =>
            {
                RegistryChange.RequireBundles(await new RegistryFiles(there, Location).ReadIndexAsync(name, cancellation)
                    .ConfigureAwait(false), bundles, Location);
                return await ChangedAsync(there, bundles.Select(bundle => bundle.FileOf(name)), cancellation).ConfigureAwait(false);
            },
            cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<PublishResult> WriteFilesAsync(IReadOnlyList<RegistryFile> files, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        return ChangeAsync(
            "Update the metadata of the registry",
            "roles/now",
            "The roles, the log and the catalogue of the registry. Clients verify the signatures.",
            there => ChangedAsync(there, files, cancellation),
            cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<PublishResult> YankAsync(ComponentName name, SemanticVersion version, string? reason,
        CancellationToken cancellation) =>
        MarkAsync(name, version, reason is null ? "Undo the yank of" : "Yank", RegistryChange.Yank(reason), cancellation);

    /// <inheritdoc/>
    public ValueTask<PublishResult> DeprecateAsync(ComponentName name, SemanticVersion version, string? message,
        CancellationToken cancellation) =>
        MarkAsync(name, version, message is null ? "Undo the deprecation of" : "Deprecate", RegistryChange.Deprecate(message),
            cancellation);

    /// <summary>Releases the lock of this instance. The cache directory stays.</summary>
    public void Dispose() => _turn.Dispose();

    // Keep the slash: with a hyphen, the branches of @a/b-c and @a-b/c would collide.
    private static string Slug(ComponentName name) => name.Scope is null ? name.Name : $"{name.Scope}/{name.Name}";

    private ValueTask<PublishResult> MarkAsync(ComponentName name, SemanticVersion version, string what,
        Func<RegistryRelease, RegistryRelease> mark, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ChangeIndexAsync(name, $"{what} {name} {version}", $"mark/{Slug(name)}-{version}",
            index => RegistryChange.Mark(index, version, mark, Location), [], cancellation);
    }

    private async ValueTask<RegistryFiles> FilesAsync(CancellationToken cancellation) =>
        new(await SourceAsync(cancellation).ConfigureAwait(false), Location);

    private async ValueTask<GitFileSource> SourceAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!_isFetched)
            {
                await FetchAsync(cancellation).ConfigureAwait(false);
            }

            return new GitFileSource(_git, _commit);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask FetchAsync(CancellationToken cancellation)
    {
        GitCache cache = new(_options.CacheDirectory);
        if (cache.IsThere && cache.Bytes() > _options.MaxFetchBytes)
        {
            // The cache keeps objects of older commits until it exceeds the limit.
            cache.Clear();
        }

        if (!cache.IsThere)
        {
            Directory.CreateDirectory(_options.CacheDirectory);
            await _git.RunAsync(["init", "--quiet", "--bare"], MaxAnswerBytes, cancellation).ConfigureAwait(false);
        }

        // A repository without the branch is a registry without releases.
        byte[] heads = await _git.RunAsync(["ls-remote", "--heads", _options.Remote, BranchRef], MaxAnswerBytes, cancellation)
            .ConfigureAwait(false);
        _commit = null;
        if (heads.Length > 0)
        {
            await _git.FetchAsync(["fetch", "--quiet", "--no-tags", "--depth=1", "--force", _options.Remote, $"{BranchRef}:{BranchRef}"],
                MaxAnswerBytes, cancellation).ConfigureAwait(false);
            _commit = GitFileSource.Text(
                await _git.RunAsync(["rev-parse", "--verify", BranchRef + "^{commit}"], MaxAnswerBytes, cancellation)
                    .ConfigureAwait(false));
        }

        _isFetched = true;
    }

    private ValueTask<PublishResult> ChangeIndexAsync(
        ComponentName name, string title, string branch, Func<ReleaseIndex, RegistryChange> change, IReadOnlyList<RegistryFile> files,
        CancellationToken cancellation) => ChangeAsync(
            title,
            branch,
            $"The index of `{name}` and, for a publication, its package and bundle. Run `estream marketplace verify` before merging: "
            + "the bundle proves who published the release.",
            async there =>
            {
                RegistryChange changed =
                    change(await new RegistryFiles(there, Location).ReadIndexAsync(name, cancellation).ConfigureAwait(false));
                return changed.Outcome == PublishOutcome.Unchanged
                    ? []
                    : [.. files, new RegistryFile(RegistryPaths.Index(name), changed.Index.Encode())];
            },
            cancellation);

    // Returns the files that differ from a state of the branch; an empty list means that nothing has to change. Called again if a commit
    // must be based on a newer state.
    private static async ValueTask<IReadOnlyList<RegistryFile>> ChangedAsync(IFileSource there, IEnumerable<RegistryFile> files,
        CancellationToken cancellation)
    {
        List<RegistryFile> changed = [];
        foreach (RegistryFile file in files)
        {
            byte[]? now = await there.ReadAsync(file.Path, RegistryFileSet.MaxFileBytes, cancellation).ConfigureAwait(false);
            changed.AddRange(now is null || !file.Content.Span.SequenceEqual(now) ? [file] : []);
        }

        return changed;
    }

    private async ValueTask<PublishResult> ChangeAsync(
        string title, string branch, string description, Func<IFileSource, ValueTask<IReadOnlyList<RegistryFile>>> change,
        CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                await FetchAsync(cancellation).ConfigureAwait(false);
                IReadOnlyList<RegistryFile> changed = await change(new GitFileSource(_git, _commit)).ConfigureAwait(false);
                if (changed.Count == 0)
                {
                    return new PublishResult(PublishOutcome.Unchanged);
                }

                string commit = await CommitAsync(title, changed, cancellation).ConfigureAwait(false);
                if (_options.PullRequests is { } pulls)
                {
                    await PushAsync($"+{commit}:refs/heads/{branch}", cancellation).ConfigureAwait(false);
                    Uri address = await pulls.OpenAsync(branch, _options.Branch, title, description, cancellation).ConfigureAwait(false);
                    return new PublishResult(PublishOutcome.Proposed, address.AbsoluteUri);
                }

                // The push fails if someone else has pushed since the fetch. Fetch and apply the change again, so that no push is lost.
                if (attempt == MaxTries || await TryPushAsync($"{commit}:{BranchRef}", cancellation).ConfigureAwait(false))
                {
                    return attempt == MaxTries
                        ? await LastPushAsync(commit, cancellation).ConfigureAwait(false)
                        : await DoneAsync(cancellation).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<PublishResult> LastPushAsync(string commit, CancellationToken cancellation)
    {
        await PushAsync($"{commit}:{BranchRef}", cancellation).ConfigureAwait(false);
        return await DoneAsync(cancellation).ConfigureAwait(false);
    }

    private async ValueTask<PublishResult> DoneAsync(CancellationToken cancellation)
    {
        await FetchAsync(cancellation).ConfigureAwait(false);
        return new PublishResult(PublishOutcome.Published);
    }

    private async ValueTask<string> CommitAsync(string title, IReadOnlyList<RegistryFile> files, CancellationToken cancellation)
    {
        string index = Path.Combine(_options.CacheDirectory, $"index-{Guid.NewGuid():N}");
        try
        {
            await _git.RunAsync(["read-tree", .. _commit is null ? new[] { "--empty" } : [_commit]], MaxAnswerBytes, cancellation,
                indexFile: index).ConfigureAwait(false);
            foreach (RegistryFile file in files)
            {
                string blob = GitFileSource.Text(
                    await _git.RunAsync(["hash-object", "-w", "--stdin"], MaxAnswerBytes, cancellation, file.Content)
                        .ConfigureAwait(false));
                await _git.RunAsync(["update-index", "--add", "--cacheinfo", $"100644,{blob},{file.Path}"], MaxAnswerBytes, cancellation,
                    indexFile: index).ConfigureAwait(false);
            }

            string tree = GitFileSource.Text(await _git.RunAsync(["write-tree"], MaxAnswerBytes, cancellation, indexFile: index)
                .ConfigureAwait(false));
            string[] parent = _commit is null ? [] : ["-p", _commit];
            return GitFileSource.Text(await _git.RunAsync(["commit-tree", tree, .. parent, "-m", title], MaxAnswerBytes, cancellation)
                .ConfigureAwait(false));
        }
        finally
        {
            File.Delete(index);
        }
    }

    private async ValueTask<bool> TryPushAsync(string reference, CancellationToken cancellation) =>
        (await _git.TryRunAsync(["push", "--quiet", _options.Remote, reference], MaxAnswerBytes, cancellation)
            .ConfigureAwait(false)).ExitCode == 0;

    private async ValueTask PushAsync(string reference, CancellationToken cancellation) =>
        await _git.RunAsync(["push", "--quiet", _options.Remote, reference], MaxAnswerBytes, cancellation).ConfigureAwait(false);

    private sealed class Branch(GitRegistry registry) : IFileSource
    {
        public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation) =>
            await (await registry.SourceAsync(cancellation).ConfigureAwait(false)).ReadAsync(path, maxBytes, cancellation)
                .ConfigureAwait(false);
    }
}
