using Estream.Core;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>
/// Turns what a registry says of a release into what is known of it: its bundle verifies against the pinned root, and registry, statement and manifest say the same. There is no way to leave a check out. Thread-safe.
/// </summary>
/// <param name="clock">Says how old a bundle is.</param>
/// <param name="maxAge">The most it may be.</param>
public sealed class ReleaseCheck(IClock clock, TimeSpan maxAge)
{
    /// <summary>How old a bundle may be where nothing else is said.</summary>
    public static TimeSpan DefaultMaxAge { get; } = TimeSpan.FromDays(30);

    /// <summary>Fetches a release and checks it.</summary>
    /// <param name="registry">Where it comes from.</param>
    /// <param name="release">What the registry says of it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamException">The registry is out of reach, or has not what it lists.</exception>
    public async Task<CheckedRelease> FetchAsync(TrustedRegistry registry, RegistryRelease release, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(release);
        byte[] bundle = await registry.Place.ReadBundleAsync(release, cancellation).ConfigureAwait(false);
        byte[] package = await registry.Place.ReadPackageAsync(release, cancellation).ConfigureAwait(false);
        return Check(registry, release, bundle, package);
    }

    /// <summary>Checks what is here, asking nobody.</summary>
    /// <param name="trust">Whose signatures count.</param>
    /// <param name="bundle">A bundle.</param>
    /// <param name="package">Its package, read once; null where it is in the bundle.</param>
    public CheckedRelease Check(BundleTrust trust, ReadOnlyMemory<byte> bundle, byte[]? package)
    {
        BundleVerifier verifier = new(trust, clock, maxAge);
        if (!ComponentBundle.TryRead(bundle, out ComponentBundle? read, out _) || (package is null && !read.HasPackage))
        {
            return CheckedRelease.Refused(verifier.Verify(bundle).Reason);
        }

        byte[] bytes = package ?? read[BundlePart.Package].ToArray();
        using MemoryStream first = new(bytes, writable: false), second = new(bytes, writable: false);
        BundleVerdict verdict = verifier.Verify(read, first);
        if (!verdict.IsAccepted)
        {
            return CheckedRelease.Refused(verdict.Reason);
        }

        PackageFacts signed = verdict.Release.Statement.Package;
        Package.Read(second, out Package? content);
        ManifestReadResult manifest = ManifestReader.Read(content!.Manifest.Span);
        string? wrong = manifest.Manifest is null ? $"its manifest is none: {manifest.Diagnostics[0]}"
            : ReleaseWords.Difference(manifest.Manifest, signed) is { } difference ? $"in the package {difference}"
            : null;
        return wrong is null ? new CheckedRelease(verdict.Release, manifest.Manifest!, bytes) : CheckedRelease.Refused($"{verdict.Release.Name} {verdict.Release.Version}: {wrong}. Do not install it, and tell its publisher.");
    }

    private CheckedRelease Check(TrustedRegistry registry, RegistryRelease said, byte[] bundle, byte[] package)
    {
        CheckedRelease found = Check(registry.Trust, bundle, package);
        string? difference = !found.IsAccepted ? null : ReleaseWords.Difference(said, found.Release.Statement.Package) ?? ReleaseWords.Difference(said, found.Manifest);
        return difference is not null
            ? CheckedRelease.Refused($"The registry {registry.Name} at {registry.Place.Location} says of {said} what its owners have not signed: {difference}. Do not install from it: take another mirror, and tell who keeps it.")
            : found.IsAccepted ? found
            : CheckedRelease.Refused($"{said} of {registry.Place.Location}: {found.Reason}");
    }

    /// <summary>What a lock says of a release that was checked.</summary>
    internal static LockedComponent Lock(TrustedRegistry registry, CheckedRelease found)
    {
        VerifiedRelease release = found.Release!;
        return new LockedComponent
        {
            Name = release.Name,
            Version = release.Version,
            Root256 = release.Root256,
            LogIndex = release.LogIndex,
            KeyId = string.Join(',', release.Signers.Select(signer => signer.Id).Order(StringComparer.Ordinal)),
            Source = registry.Name,
            Dependencies = [.. found.Manifest!.Dependencies.Select(need => need.Name).Order()],
            Permissions = [.. release.Statement.Package.Permissions.Order(StringComparer.Ordinal)],
        };
    }
}
