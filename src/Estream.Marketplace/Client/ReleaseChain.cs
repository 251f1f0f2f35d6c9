using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Client;

/// <summary>
/// Which release comes before the next one of a component, for who signs it elsewhere than where the registry is run: what the registry has
/// signed, and its bundles prove. Thread-safe.
/// </summary>
/// <param name="clock">Says whether a bundle is from the future.</param>
public sealed class ReleaseChain(IClock clock)
{
    /// <summary>The digest of the release that was published last, which the next one names.</summary>
    /// <param name="view">What the registry says now.</param>
    /// <param name="name">The component.</param>
    /// <param name="next">The version that comes next. Where it is published already, what was named then is given.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null where none was published before.</returns>
    /// <exception cref="EstreamRegistryException">The registry gives something else than it has signed.</exception>
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

        // Releases are dated by the second: of those of the last one the log says which came behind the others.
        DateTimeOffset newest = releases.Select(release => release.Published).DefaultIfEmpty().Max();
        VerifiedRelease? last = null;
        foreach (RegistryRelease release in releases.Where(release => release.Published == newest))
        {
            VerifiedRelease proven = await ProveAsync(view, release, cancellation).ConfigureAwait(false);
            last = last is null || last.LogIndex < proven.LogIndex ? proven : last;
        }

        return last?.Statement.Digest();
    }

    // That it is in the log, and what its owners have signed of it. Whether their keys count still is no matter: it was published.
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
            ? "it is of another release"
            : await view.FindFaultAsync(ReleaseCheck.CheckpointOf(bundle), cancellation).ConfigureAwait(false);
        return fault is null ? proven : throw Other(view, release, fault);
    }

    private static EstreamRegistryException Other(RegistryView view, RegistryRelease release, string reason)
    {
        TrustedRegistry registry = view.Registry;
        return new EstreamRegistryException(
            RegistryFault.Untrusted,
            $"The bundle of {release} at {registry.Place.Location} does not prove what {registry.Name} has signed: {reason.TrimEnd('.')}. "
            + "Take another mirror, and tell who keeps it.", registry.Place.Location);
    }
}
