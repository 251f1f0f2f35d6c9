using System.Collections.Immutable;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>
/// A registry as an OCI image layout (image specification 1.1). Each release is a manifest with the package as its layer; the bundle and
/// the status are referrers of the manifest. OCI tools can copy the layout to and from any container registry.
/// </summary>
/// <remarks>
/// Thread-safe; several processes may use the directory, and one at a time writes. Referrers are found by the referrers tag schema of the
/// distribution specification (<c>sha256-…</c>), which also works with registries without the referrers API. docs/formats/registry.md has
/// the media types.
/// </remarks>
public sealed class OciLayoutRegistry : IComponentRegistry
{
    /// <summary>The artifact type of the manifests of releases.</summary>
    public const string ComponentType = "application/vnd.estream.component.v1";

    private const string ReleaseType = "application/vnd.estream.release.v1+json";
    private const string PackageType = "application/vnd.estream.package.v1.tar+gzip";
    private const string BundleType = "application/vnd.estream.bundle.v1";
    private const string StatusType = "application/vnd.estream.status.v1+json";
    private const int MaxManifestBytes = 64 << 10;
    private const int MaxReleaseBytes = 256 << 10;

    private readonly RegistryFolder _folder;
    private readonly OciBlobs _blobs;
    private readonly OciFiles _files;

    /// <summary>Creates an instance for a directory. The directory is created by the first write.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="storage">The storage of the directory; null for the file system of this machine.</param>
    public OciLayoutRegistry(string directory, IStorage? storage = null)
    {
        _folder = new RegistryFolder("oci:", directory, storage);
        _blobs = new OciBlobs(_folder.Directory, _folder.Storage, Location);
        _files = new OciFiles(_blobs);
    }

    /// <inheritdoc/>
    public string Location => _folder.Location;

    /// <inheritdoc/>
    public IFileSource Files => _files;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation)
    {
        IReadOnlyList<OciDescriptor> index = await _blobs.ReadIndexAsync(cancellation).ConfigureAwait(false);
        return (await ReadReleasesAsync(index, name, cancellation).ConfigureAwait(false)).Releases;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ComponentName>> SearchAsync(string text, int limit, CancellationToken cancellation)
    {
        IReadOnlyList<OciDescriptor> index = await _blobs.ReadIndexAsync(cancellation).ConfigureAwait(false);
        return RegistryFiles.Matching(index.Where(IsComponent).Select(manifest => OciReference.Read(manifest.RefName)?.Name)
            .OfType<ComponentName>().Distinct(), text, limit);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> ReadPackageAsync(RegistryRelease release, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        (OciDescriptor descriptor, OciManifest manifest) = await FindAsync(release, cancellation).ConfigureAwait(false);
        byte[] package = await _blobs.ReadAsync(manifest.Layer, RegistryLimits.MaxPackageBytes, cancellation).ConfigureAwait(false);
        return release.IsPackage(package)
            ? package
            : throw _blobs.Malformed(descriptor.Digest, $"its layer is not the package of {release}");
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> ReadBundleAsync(RegistryRelease release, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        IReadOnlyList<OciDescriptor> index = await _blobs.ReadIndexAsync(cancellation).ConfigureAwait(false);
        OciDescriptor manifest = Find(index, release.Name, release.Version) ?? throw Missing(release.Name, release.Version);
        return await ReadReferrerAsync(index, manifest, BundleType, RegistryLimits.MaxBundleBytes, cancellation).ConfigureAwait(false)
            ?? throw _blobs.Malformed(manifest.Digest, $"no bundle refers to {release}");
    }

    /// <inheritdoc/>
    public async ValueTask<PublishResult> PublishAsync(RegistryPublication publication, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(publication);
        using IDisposable held = _folder.Lock();
        RegistryRelease release = publication.Release;
        IReadOnlyList<OciDescriptor> index = await _blobs.ReadIndexAsync(cancellation).ConfigureAwait(false);
        RegistryChange change = RegistryChange.Publish(await ReadReleasesAsync(index, release.Name, cancellation).ConfigureAwait(false),
            publication, Location);
        if (change.Outcome == PublishOutcome.Published)
        {
            // The manifest never changes. Mutable parts are referrers of the manifest.
            RegistryRelease fixedPart = release with { YankReason = null, Deprecation = null };
            OciDescriptor config = _blobs.Put(ReleaseType, fixedPart.Encode()), layer = _blobs.Put(PackageType, publication.Package.Span);
            OciDescriptor manifest = _blobs.Put(
                OciDocument.ManifestType, OciDocument.Manifest(ComponentType, config, layer, null), ComponentType,
                OciReference.Of(release.Name, release.Version));
            ImmutableList<OciDescriptor> referrers = [Referrer(manifest, BundleType, publication.Bundle.Span)];
            referrers = release == fixedPart ? referrers : referrers.Add(Referrer(manifest, StatusType, Status(release)));
            _blobs.WriteIndex([.. index, manifest, PutReferrers(manifest, referrers)]);
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
        IReadOnlyList<OciDescriptor> index = await _blobs.ReadIndexAsync(cancellation).ConfigureAwait(false);
        RegistryChange.RequireBundles(await ReadReleasesAsync(index, name, cancellation).ConfigureAwait(false), bundles, Location);
        IReadOnlyList<OciDescriptor> renewed = index;
        foreach (RegistryBundle bundle in bundles)
        {
            renewed = await WithReferrerAsync(renewed, Find(index, name, bundle.Version)!, BundleType, bundle.Content, cancellation)
                .ConfigureAwait(false);
        }

        bool isChanged = !renewed.SequenceEqual(index);
        if (isChanged)
        {
            _blobs.WriteIndex(renewed);
        }

        return new PublishResult(isChanged ? PublishOutcome.Published : PublishOutcome.Unchanged);
    }

    /// <inheritdoc/>
    public async ValueTask<PublishResult> WriteFilesAsync(IReadOnlyList<RegistryFile> files, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        using IDisposable held = _folder.Lock();
        return new PublishResult(await _files.WriteAsync(files, cancellation).ConfigureAwait(false)
            ? PublishOutcome.Published : PublishOutcome.Unchanged);
    }

    private static bool IsComponent(OciDescriptor manifest) =>
        manifest.MediaType == OciDocument.ManifestType && manifest.ArtifactType == ComponentType;

    private static OciDescriptor? Find(IReadOnlyList<OciDescriptor> index, ComponentName name, SemanticVersion version) =>
        index.FirstOrDefault(manifest => IsComponent(manifest) && manifest.RefName == OciReference.Of(name, version));

    private static byte[] Status(RegistryRelease release)
    {
        JsonObject json = new();
        json.AddUnlessNull("yanked", release.YankReason is null ? null : new JsonText(release.YankReason));
        json.AddUnlessNull("deprecated", release.Deprecation is null ? null : new JsonText(release.Deprecation));
        return CanonicalJson.Write(json);
    }

    private async ValueTask<ReleaseIndex> ReadReleasesAsync(IReadOnlyList<OciDescriptor> index, ComponentName name,
        CancellationToken cancellation)
    {
        OciDescriptor[] manifests =
            [.. index.Where(manifest => IsComponent(manifest) && OciReference.Read(manifest.RefName)?.Name == name)];
        if (manifests.Length > RegistryLimits.MaxReleases)
        {
            throw _blobs.Malformed(OciBlobs.IndexName,
                $"it has {manifests.Length} manifests of {name}, and the limit is {RegistryLimits.MaxReleases} releases of one "
                + "component");
        }

        // With two manifests of one name, one could be listed and the other fetched.
        if (manifests.GroupBy(manifest => manifest.RefName).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw _blobs.Malformed(OciBlobs.IndexName, $"'{twice.Key}' is the name of {twice.Count()} manifests");
        }

        List<RegistryRelease> releases = [];
        foreach (OciDescriptor descriptor in manifests)
        {
            RegistryRelease release = await ReadReleaseAsync(descriptor, cancellation).ConfigureAwait(false);
            byte[]? status = await ReadReferrerAsync(index, descriptor, StatusType, MaxReleaseBytes, cancellation).ConfigureAwait(false);
            releases.Add(status is null ? release : WithStatus(release, status, descriptor));
        }

        return ReleaseIndex.Of(name, releases);
    }

    private async ValueTask<RegistryRelease> ReadReleaseAsync(OciDescriptor descriptor, CancellationToken cancellation)
    {
        OciManifest manifest = await ReadManifestAsync(descriptor, cancellation).ConfigureAwait(false);
        byte[] bytes = await _blobs.ReadAsync(manifest.Config, MaxReleaseBytes, cancellation).ConfigureAwait(false);
        if (!StrictJsonReader.TryRead(bytes, new JsonLimits(MaxReleaseBytes, MaxDepth: 4), out JsonValue? value, out JsonFault? fault))
        {
            throw _blobs.Malformed(manifest.Config.Digest, fault.ToString());
        }

        JsonFields fields = new(value);
        RegistryRelease? release = RegistryRelease.Read(fields);
        return fields.End() is { } wrong ? throw _blobs.Malformed(manifest.Config.Digest, wrong)
            : release is not null && OciReference.Of(release.Name, release.Version) == descriptor.RefName ? release
            : throw _blobs.Malformed(descriptor.Digest, $"it is named '{descriptor.RefName}' but is another release");
    }

    private RegistryRelease WithStatus(RegistryRelease release, byte[] status, OciDescriptor descriptor)
    {
        if (!StrictJsonReader.TryRead(status, new JsonLimits(MaxReleaseBytes, MaxDepth: 1, MaxValues: 3), out JsonValue? value,
            out JsonFault? fault))
        {
            throw _blobs.Malformed(descriptor.Digest, $"its status is not valid: {fault}");
        }

        JsonFields fields = new(value);
        RegistryRelease marked = release with
        {
            YankReason = fields.Has("yanked") ? fields.Text("yanked", RegistryRelease.MaxReasonLength) : null,
            Deprecation = fields.Has("deprecated") ? fields.Text("deprecated", RegistryRelease.MaxReasonLength) : null,
        };
        return fields.End() is { } wrong ? throw _blobs.Malformed(descriptor.Digest, $"its status is not valid: {wrong}") : marked;
    }

    private async ValueTask<(OciDescriptor Descriptor, OciManifest Manifest)> FindAsync(RegistryRelease release,
        CancellationToken cancellation)
    {
        OciDescriptor descriptor = Find(await _blobs.ReadIndexAsync(cancellation).ConfigureAwait(false), release.Name, release.Version)
            ?? throw Missing(release.Name, release.Version);
        return (descriptor, await ReadManifestAsync(descriptor, cancellation).ConfigureAwait(false));
    }

    private async ValueTask<OciManifest> ReadManifestAsync(OciDescriptor descriptor, CancellationToken cancellation) =>
        OciDocument.ReadManifest(await _blobs.ReadAsync(descriptor, MaxManifestBytes, cancellation).ConfigureAwait(false))
            ?? throw _blobs.Malformed(descriptor.Digest, "it is not a manifest with one layer");

    // The reference name of the index of referrers contains the digest of the manifest.
    private async ValueTask<IReadOnlyList<OciDescriptor>> ReadReferrersAsync(IReadOnlyList<OciDescriptor> index, OciDescriptor manifest,
        CancellationToken cancellation)
    {
        OciDescriptor? referrers = index.FirstOrDefault(other => other.RefName == OciReference.OfReferrers(manifest));
        return referrers is null ? []
            : OciDocument.ReadIndex(await _blobs.ReadAsync(referrers, MaxManifestBytes, cancellation).ConfigureAwait(false))
                ?? throw _blobs.Malformed(referrers.Digest, "it is not an index of referrers");
    }

    private async ValueTask<byte[]?> ReadReferrerAsync(IReadOnlyList<OciDescriptor> index, OciDescriptor subject, string type, int maxBytes,
        CancellationToken cancellation)
    {
        IReadOnlyList<OciDescriptor> referrers = await ReadReferrersAsync(index, subject, cancellation).ConfigureAwait(false);
        if (referrers.LastOrDefault(referrer => referrer.ArtifactType == type) is not { } descriptor)
        {
            return null;
        }

        OciManifest manifest = await ReadManifestAsync(descriptor, cancellation).ConfigureAwait(false);
        return manifest.Subject?.Digest == subject.Digest
            ? await _blobs.ReadAsync(manifest.Layer, maxBytes, cancellation).ConfigureAwait(false)
            : throw _blobs.Malformed(descriptor.Digest, "its subject is not the manifest that it is listed for");
    }

    private OciDescriptor Referrer(OciDescriptor subject, string type, ReadOnlySpan<byte> content)
    {
        OciDescriptor empty = _blobs.Put(OciDocument.EmptyType, OciDocument.Empty), layer = _blobs.Put(type, content);
        return _blobs.Put(OciDocument.ManifestType, OciDocument.Manifest(type, empty, layer, subject), type);
    }

    private OciDescriptor PutReferrers(OciDescriptor manifest, IEnumerable<OciDescriptor> referrers) =>
        _blobs.Put(OciDocument.IndexType, OciDocument.Index(referrers), refName: OciReference.OfReferrers(manifest));

    /// <summary>Returns the index of the layout with the referrer of one type replaced; returns the same index if the referrer is
    /// unchanged.</summary>
    private async ValueTask<IReadOnlyList<OciDescriptor>> WithReferrerAsync(
        IReadOnlyList<OciDescriptor> index, OciDescriptor manifest, string type, ReadOnlyMemory<byte> content,
        CancellationToken cancellation)
    {
        IReadOnlyList<OciDescriptor> there = await ReadReferrersAsync(index, manifest, cancellation).ConfigureAwait(false);
        OciDescriptor referrer = Referrer(manifest, type, content.Span);
        if (there.LastOrDefault(other => other.ArtifactType == type) == referrer)
        {
            return index;
        }

        OciDescriptor referrers = PutReferrers(manifest, [.. there.Where(other => other.ArtifactType != type), referrer]);
        return [.. index.Where(other => other.RefName != referrers.RefName), referrers];
    }

    private async ValueTask<PublishResult> MarkAsync(ComponentName name, SemanticVersion version,
        Func<RegistryRelease, RegistryRelease> mark, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        using IDisposable held = _folder.Lock();
        IReadOnlyList<OciDescriptor> index = await _blobs.ReadIndexAsync(cancellation).ConfigureAwait(false);
        RegistryChange change =
            RegistryChange.Mark(await ReadReleasesAsync(index, name, cancellation).ConfigureAwait(false), version, mark, Location);
        if (change.Outcome == PublishOutcome.Published)
        {
            OciDescriptor manifest = Find(index, name, version)!;
            _blobs.WriteIndex(await WithReferrerAsync(index, manifest, StatusType, Status(change.Index.Find(version)!), cancellation)
                .ConfigureAwait(false));
        }

        return new PublishResult(change.Outcome);
    }

    private EstreamRegistryException Missing(ComponentName name, SemanticVersion version) =>
        new(RegistryFault.NotFound, $"{name} {version} is not in the registry {Location}. Check name and version.", Location);
}
