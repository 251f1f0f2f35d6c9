using Estream.Core;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>
/// Checks a release that a registry lists: its bundle verifies against the current keys, log and owners of the registry, and the registry,
/// the signed statement and the manifest agree. No check can be skipped. Thread-safe.
/// </summary>
/// <param name="clock">The clock for the age of bundles.</param>
/// <param name="maxAge">The maximum age of a bundle. If null, offline checks use <see cref="DefaultMaxAge"/> and online checks have no
/// limit.</param>
public sealed class ReleaseCheck(IClock clock, TimeSpan? maxAge = null)
{
    /// <summary>The default maximum age of a bundle in offline checks: 30 days.</summary>
    public static TimeSpan DefaultMaxAge { get; } = TimeSpan.FromDays(30);

    /// <summary>Fetches a release and checks it.</summary>
    /// <param name="view">The current view of the registry.</param>
    /// <param name="release">A release returned by <see cref="RegistryView.ListAsync"/>.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamException">The registry is out of reach, or lacks a file that it lists.</exception>
    public async Task<CheckedRelease> FetchAsync(RegistryView view, RegistryRelease release, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(release);
        TrustedRegistry registry = view.Registry;
        byte[] bundle = await registry.Place.ReadBundleAsync(release, cancellation).ConfigureAwait(false);
        byte[] package = await registry.Place.ReadPackageAsync(release, cancellation).ConfigureAwait(false);
        CheckedRelease found = await CheckAsync(view, bundle, package, cancellation).ConfigureAwait(false);
        string? difference = !found.IsAccepted ? null : ReleaseMessages.Difference(release, found.Release.Statement.Package)
            ?? ReleaseMessages.Difference(release, found.Manifest);
        return difference is not null
            ? CheckedRelease.Refused(
                $"The registry {registry.Name} at {registry.Place.Location} lists {release} with facts that its owners did not sign: "
                + $"{difference}. Do not install from it. Use another mirror, and tell the operator of this one.")
            : found.IsAccepted ? found
            : CheckedRelease.Refused($"{release} of {registry.Place.Location}: {found.Reason}");
    }

    /// <summary>
    /// Checks a local bundle and package against the current view of a registry. Every revocation is known and the log is current, so the
    /// age of the bundle does not matter unless a maximum age was given.
    /// </summary>
    /// <param name="view">The current view of the registry.</param>
    /// <param name="bundle">A bundle.</param>
    /// <param name="package">The package; null if the bundle contains it.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamException">The registry is out of reach, or serves bytes other than those it signed.</exception>
    public async Task<CheckedRelease> CheckAsync(RegistryView view, ReadOnlyMemory<byte> bundle, byte[]? package,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(view);
        TimeSpan anyAge = maxAge ?? TimeSpan.MaxValue;
        CheckedRelease found = Check(view.Trust, bundle, package, anyAge, null);
        if (!found.IsAccepted)
        {
            return found;
        }

        VerifiedRelease release = found.Release;
        if (await view.FindAsync(NamespaceName.Of(release.Name), cancellation).ConfigureAwait(false) is not { } state)
        {
            return CheckedRelease.Refused(
                $"{release.Name} {release.Version} was published, but {view.Registry.Name} now lists no owner of its namespace. Do not "
                + "install it, and tell the operator of the registry.");
        }

        found = Check(view.Trust, bundle, package, anyAge, state);
        if (!found.IsAccepted)
        {
            return found;
        }

        return await view.FindFaultAsync(CheckpointOf(bundle), cancellation).ConfigureAwait(false) is { } fault
            ? CheckedRelease.Refused(
                $"{release.Name} {release.Version}: its checkpoint does not belong to the current log of {view.Registry.Name}. {fault}")
            : found;
    }

    // The caller has verified the bundle, so its checkpoint can be read.
    internal static Checkpoint CheckpointOf(ReadOnlyMemory<byte> bundle) =>
        ComponentBundle.TryRead(bundle, out ComponentBundle? read, out _)
            && SignedNote.TryParse(read[BundlePart.Checkpoint].Span, out SignedNote? note, out _)
            && Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _)
            ? checkpoint
            : throw new ArgumentException("The bundle was not verified.", nameof(bundle));

    /// <summary>Checks a local bundle and package without accessing a registry.</summary>
    /// <param name="trust">The keys whose signatures are accepted.</param>
    /// <param name="bundle">A bundle.</param>
    /// <param name="package">The package; null if the bundle contains it.</param>
    public CheckedRelease Check(BundleTrust trust, ReadOnlyMemory<byte> bundle, byte[]? package) =>
        Check(trust, bundle, package, maxAge ?? DefaultMaxAge, null);

    private CheckedRelease Check(BundleTrust trust, ReadOnlyMemory<byte> bundle, byte[]? package, TimeSpan most, NamespaceState? newest)
    {
        BundleVerifier verifier = new(trust, clock, most);
        if (!ComponentBundle.TryRead(bundle, out ComponentBundle? read, out _) || (package is null && !read.HasPackage))
        {
            return CheckedRelease.Refused(verifier.Verify(bundle).Reason);
        }

        byte[] bytes = package ?? read[BundlePart.Package].ToArray();
        using MemoryStream content = new(bytes, writable: false);
        ManifestSink sink = new();
        BundleVerdict verdict = verifier.Verify(read, content, newest, sink);
        if (!verdict.IsAccepted)
        {
            // The publication is not verified, but it names the files that the bundle is about.
            return CheckedRelease.Refused(ReleaseMessages.WithRoot(verdict.Reason,
                LogEntry.TryRead(read[BundlePart.Publication].Span, out _, out LogEntry? entry, out _)
                    ? (entry as PublishEntry)?.Root256 : null));
        }

        PackageFacts signed = verdict.Release.Statement.Package;
        ManifestReadResult manifest = ManifestReader.Read(sink.Manifest);
        string? wrong = manifest.Manifest is null ? $"its manifest is not valid: {manifest.Diagnostics[0]}"
            : ReleaseMessages.Difference(manifest.Manifest, signed) is { } difference ? $"in the package {difference}"
            : null;
        return wrong is null
            ? new CheckedRelease(verdict.Release, manifest.Manifest!, bundle, bytes)
            : CheckedRelease.Refused(
                $"{verdict.Release.Name} {verdict.Release.Version}: {wrong}. Do not install it, and tell its publisher.");
    }

    /// <summary>Returns the lock entry of a release, from its cached bundle verified against the current view of the registry. Does not
    /// check that the files of the component are in the cache.</summary>
    /// <param name="view">The current view of the registry.</param>
    /// <param name="newest">The current state of the namespace, with every revocation.</param>
    /// <param name="bundle">The bundle; not trusted, because others may write to the cache.</param>
    /// <returns>The lock entry, or null if the bundle does not verify.</returns>
    internal LockedComponent? Kept(RegistryView view, NamespaceState newest, ReadOnlyMemory<byte> bundle) =>
        ComponentBundle.TryRead(bundle, out ComponentBundle? read, out _)
            && new BundleVerifier(view.Trust, clock, TimeSpan.MaxValue).VerifySigned(read, newest) is { IsAccepted: true } verdict
            && verdict.Release.Statement.Package.Dependencies.Keys.All(need => ComponentName.TryParse(need, out _, out _))
            ? Lock(view, verdict.Release)
            : null;

    /// <summary>Creates the lock entry of a verified release, with the tier that the policy of the registry gives it now.</summary>
    internal static LockedComponent Lock(RegistryView view, VerifiedRelease release) => new()
    {
        Name = release.Name,
        Version = release.Version,
        Root256 = release.Root256,
        LogIndex = release.LogIndex,
        KeyId = string.Join(',', release.Signers.Select(signer => signer.Id).Order(StringComparer.Ordinal)),
        Source = view.Registry.Name,
        Dependencies = [.. release.Statement.Package.Dependencies.Keys.Select(ComponentName.Parse).Order()],
        Permissions = [.. release.Statement.Package.Permissions.Order(StringComparer.Ordinal)],
        RunsInHost = release.Statement.Package.Category == ComponentCategories.NameOf(ComponentCategory.WireAdapter),
        Tier = view.Roles.TierOf(release.Name.ToString(), release.Statement.Package.Category),
    };
}
