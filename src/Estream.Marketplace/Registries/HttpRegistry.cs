using Estream.Esf.Schema;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries;

/// <summary>A registry of files behind a web server: what <see cref="DirectoryRegistry"/> writes, served as it is. Nothing can be published
/// here. Thread-safe.</summary>
public sealed class HttpRegistry : IComponentRegistry, IDisposable
{
    private readonly HttpFileSource _source;
    private readonly RegistryFiles _files;

    /// <summary>A registry at an address.</summary>
    /// <param name="address">The address below which its files are.</param>
    /// <param name="timeout">The longest that an answer may take; <see cref="HttpFileSource.DefaultTimeout"/> where null.</param>
    /// <param name="credentials">Who this user is there; nobody where null.</param>
    /// <exception cref="ArgumentException">It is no such address.</exception>
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
            $"The registry {Location} is served as files, and nothing can be published there. Publish to the directory behind it.",
            Location);
}
