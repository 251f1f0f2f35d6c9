using Estream.Esf.Schema;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries;

/// <summary>A read-only registry on a web server, which serves the files that <see cref="DirectoryRegistry"/> writes.
/// Thread-safe.</summary>
public sealed class HttpRegistry : IComponentRegistry, IDisposable
{
    private readonly HttpFileSource _source;
    private readonly RegistryFiles _files;

    /// <summary>Creates an instance for an address.</summary>
    /// <param name="address">The base address of the files.</param>
    /// <param name="timeout">The timeout of a request; <see cref="HttpFileSource.DefaultTimeout"/> if null.</param>
    /// <param name="credentials">This user's credentials; null for anonymous access.</param>
    /// <exception cref="ArgumentException">The address is not valid.</exception>
    public HttpRegistry(Uri address, TimeSpan? timeout = null, RegistryCredentials? credentials = null)
    {
        _source = new HttpFileSource(address, timeout, credentials is null ? null : credentials.Find);
        Location = address.AbsoluteUri;
        _files = new RegistryFiles(_source, Location);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IFileSource Files => _source;

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
    public ValueTask<PublishResult> PublishAsync(RegistryPublication publication, CancellationToken cancellation) => throw ReadOnly();

    /// <inheritdoc/>
    public ValueTask<PublishResult> YankAsync(ComponentName name, SemanticVersion version, string? reason,
        CancellationToken cancellation) => throw ReadOnly();

    /// <inheritdoc/>
    public ValueTask<PublishResult> DeprecateAsync(ComponentName name, SemanticVersion version, string? message,
        CancellationToken cancellation) => throw ReadOnly();

    /// <inheritdoc/>
    public ValueTask<PublishResult> RenewBundlesAsync(ComponentName name, IReadOnlyList<RegistryBundle> bundles,
        CancellationToken cancellation) => throw ReadOnly();

    /// <inheritdoc/>
    public ValueTask<PublishResult> WriteFilesAsync(IReadOnlyList<RegistryFile> files, CancellationToken cancellation) => throw ReadOnly();

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _source.Dispose();

    private EstreamRegistryException ReadOnly() =>
        new(RegistryFault.ReadOnly,
            $"The registry {Location} is read-only, because a web server serves it. Publish to the directory that it serves.",
            Location);
}
