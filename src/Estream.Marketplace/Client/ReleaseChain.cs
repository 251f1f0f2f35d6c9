using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Client;

/// <summary>
/// Finds the predecessor of the next release of a component, for publishers that sign outside the registry. Uses the signed catalogue of
/// the registry and the bundles of its releases. Thread-safe.
/// </summary>
/// <param name="clock">The clock for rejecting bundles from the future.</param>
public sealed class ReleaseChain(IClock clock)
{
    /// <summary>Returns the digest of the most recently published release, which the next release names as its predecessor.</summary>
    /// <param name="view">The current view of the registry.</param>
    /// <param name="name">The component.</param>
    /// <param name="next">The version of the next release. If it is already published, the digest named by that release is
    /// returned.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>The digest, or null if there is no earlier release.</returns>
    /// <exception cref="EstreamRegistryException">The registry serves content other than the content that it signed.</exception>
    /// <exception cref="EstreamException">The registry is out of reach.</exception>
    public async Task<string?> LastReleaseAsync(RegistryView view, ComponentName name, SemanticVersion next, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(name);
        IReadOnlyList<RegistryRelease> releases = await view.ListAsync(name, cancellation).ConfigureAwait(false);
        if (releases.FirstOrDefault(release => release.Version == next) is { } same)
        {
            return (await ProveAsync(view, same, cancellation).ConfigureAwait(false)).Statement.PrevRelease;
        }

        // Publication times have a resolution of one second. The log index orders the releases of the newest second.
        DateTimeOffset newest = releases.Select(release => release.Published).DefaultIfEmpty().Max();
        VerifiedRelease? last = null;
        foreach (RegistryRelease release in releases.Where(release => release.Published == newest))
        {
            VerifiedRelease proven = await ProveAsync(view, release, cancellation).ConfigureAwait(false);
            last = last is null || last.LogIndex < proven.LogIndex ? proven : last;
        }

        return last?.Statement.Digest();
    }

    // Verifies that the release is in the log and signed by its owners, and returns the signed facts. Revocations newer than the bundle are
    // ignored, because the release was already published.
    private async Task<VerifiedRelease> ProveAsync(RegistryView view, RegistryRelease release, CancellationToken cancellation)
    {
        byte[] bundle = await view.Registry.Place.ReadBundleAsync(release, cancellation).ConfigureAwait(false);
        if (!ComponentBundle.TryRead(bundle, out ComponentBundle? read, out string? reason))
        {
            throw Other(view, release, reason);
        }

        BundleVerdict verdict = new BundleVerifier(view.Trust, clock, TimeSpan.MaxValue).VerifySigned(read, null);
        if (verdict.Release is not { } proven)
        {
            throw Other(view, release, verdict.What);
        }

        string? fault = proven.Name != release.Name || proven.Version != release.Version || proven.Root256 != release.Root256
            ? "it is for another release"
            : await view.FindFaultAsync(ReleaseCheck.CheckpointOf(bundle), cancellation).ConfigureAwait(false);
        return fault is null ? proven : throw Other(view, release, fault);
    }

    private static EstreamRegistryException Other(RegistryView view, RegistryRelease release, string reason)
    {
        TrustedRegistry registry = view.Registry;
        return new EstreamRegistryException(
            RegistryFault.Untrusted,
            $"The bundle of {release} at {registry.Place.Location} does not prove what {registry.Name} signed: {reason.TrimEnd('.')}. "
            + "Use another mirror, and tell the operator of this one.", registry.Place.Location);
    }
}
