using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries;

/// <summary>A registry in a directory: on this machine, on a network share, or published by a web server
/// (<see cref="HttpRegistry"/>).</summary>
/// <remarks>
/// Thread-safe; several processes may use the directory, and one at a time writes. The index of a component is written last, so after
/// <c>kill -9</c> at any moment a release is visible completely or not at all.
/// </remarks>
public sealed class DirectoryRegistry : IComponentRegistry
{
    private readonly RegistryFolder _folder;
    private readonly RegistryFiles _files;

    /// <summary>Creates an instance for a directory. The directory is created by the first write.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="storage">The storage of the directory; null for the file system of this machine.</param>
    public DirectoryRegistry(string directory, IStorage? storage = null)
    {
        _folder = new RegistryFolder("directory:", directory, storage);
        Files = new DirectoryFileSource(_folder.Directory);
        _files = new RegistryFiles(Files, Location);
    }

    /// <inheritdoc/>
    public string Location => _folder.Location;

    /// <inheritdoc/>
    public IFileSource Files { get; }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation) =>
        (await _files.ReadIndexAsync(name, cancellation).ConfigureAwait(false)).Releases;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ComponentName>> SearchAsync(string text, int limit, CancellationToken cancellation) =>
        RegistryFiles.Matching(await _files.ReadNamesAsync(cancellation).ConfigureAwait(false), text, limit);

    /// <inheritdoc/>
    public ValueTask<byte[]> ReadPackageAsync(RegistryRelease release, CancellationToken cancellation) =>
        _files.ReadPackageAsync(release, cancellation);

    /// <inheritdoc/>
    public ValueTask<byte[]> ReadBundleAsync(RegistryRelease release, CancellationToken cancellation) =>
        _files.ReadBundleAsync(release, cancellation);

    /// <inheritdoc/>
    public async ValueTask<PublishResult> PublishAsync(RegistryPublication publication, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(publication);
        using IDisposable held = _folder.Lock();
        RegistryRelease release = publication.Release;
        RegistryChange change =
            RegistryChange.Publish(await _files.ReadIndexAsync(release.Name, cancellation).ConfigureAwait(false), publication, Location);
        if (change.Outcome == PublishOutcome.Published)
        {
            Write(RegistryPaths.Package(release.Name, release.Version), publication.Package.Span);
            Write(RegistryPaths.Bundle(release.Name, release.Version), publication.Bundle.Span);
            await WriteIndexAsync(change.Index, cancellation).ConfigureAwait(false);
        }

        return new PublishResult(change.Outcome);
    }

    /// <inheritdoc/>
    public ValueTask<PublishResult> YankAsync(ComponentName name, SemanticVersion version, string? reason,
        CancellationToken cancellation) =>
        MarkAsync(name, version, RegistryChange.Yank(reason), cancellation);

    /// <inheritdoc/>
    public ValueTask<PublishResult> DeprecateAsync(ComponentName name, SemanticVersion version, string? message,
        CancellationToken cancellation) =>
        MarkAsync(name, version, RegistryChange.Deprecate(message), cancellation);

    /// <inheritdoc/>
    public async ValueTask<PublishResult> RenewBundlesAsync(ComponentName name, IReadOnlyList<RegistryBundle> bundles,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(bundles);
        using IDisposable held = _folder.Lock();
        RegistryChange.RequireBundles(await _files.ReadIndexAsync(name, cancellation).ConfigureAwait(false), bundles, Location);
        return await WriteChangedAsync(bundles.Select(bundle => bundle.FileOf(name)), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<PublishResult> WriteFilesAsync(IReadOnlyList<RegistryFile> files, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        using IDisposable held = _folder.Lock();
        return await WriteChangedAsync(files, cancellation).ConfigureAwait(false);
    }

    // The caller holds the lock.
    private async ValueTask<PublishResult> WriteChangedAsync(IEnumerable<RegistryFile> files, CancellationToken cancellation)
    {
        PublishOutcome outcome = PublishOutcome.Unchanged;
        foreach (RegistryFile file in files)
        {
            byte[]? there = await Files.ReadAsync(file.Path, RegistryFileSet.MaxFileBytes, cancellation).ConfigureAwait(false);
            if (there is null || !file.Content.Span.SequenceEqual(there))
            {
                Write(file.Path, file.Content.Span);
                outcome = PublishOutcome.Published;
            }
        }

        return new PublishResult(outcome);
    }

    private async ValueTask<PublishResult> MarkAsync(ComponentName name, SemanticVersion version,
        Func<RegistryRelease, RegistryRelease> mark, CancellationToken cancellation)
    {
        using IDisposable held = _folder.Lock();
        RegistryChange change =
            RegistryChange.Mark(await _files.ReadIndexAsync(name, cancellation).ConfigureAwait(false), version, mark, Location);
        if (change.Outcome == PublishOutcome.Published)
        {
            await WriteIndexAsync(change.Index, cancellation).ConfigureAwait(false);
        }

        return new PublishResult(change.Outcome);
    }

    // Write the names first: a listed name without an index reads as a component without releases, which is harmless.
    private async ValueTask WriteIndexAsync(ReleaseIndex index, CancellationToken cancellation)
    {
        IReadOnlyList<ComponentName> names = await _files.ReadNamesAsync(cancellation).ConfigureAwait(false);
        if (!names.Contains(index.Name))
        {
            Write(RegistryPaths.Names,
                CanonicalJson.Write(JsonArray.Of(names.Append(index.Name).Order().Select(name => (JsonValue)name.ToString()))));
        }

        Write(RegistryPaths.Index(index.Name), index.Encode());
    }

    private void Write(string path, ReadOnlySpan<byte> content) =>
        AtomicFile.Write(_folder.Storage, Path.Combine(_folder.Directory, path), content);
}
