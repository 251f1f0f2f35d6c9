namespace Estream.Marketplace.Registries;

/// <summary>Copies releases from one registry to another, byte for byte. Thread-safe; holds no state.</summary>
public static class RegistryMirror
{
    private const long MaxHeldBytes = 64 << 20;

    /// <summary>Copies all releases of some components, with what is said of them now and the bundles they have now, and behind them the
    /// files by which the registry says what it has.</summary>
    /// <param name="from">Where they are.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="names">The components.</param>
    /// <param name="copied">Is told of each release that was copied, and of what came of it there; null where nobody wants to know.</param>
    /// <param name="cancellation">Ends the copying between two releases; what is copied stays.</param>
    /// <returns>How many releases were not there before.</returns>
    /// <exception cref="EstreamRegistryException">A registry refuses; <see cref="RegistryFault.AlreadyPublished"/> where both have a
    /// version with different files, of which one is not what was published.</exception>
    public static async ValueTask<int> RunAsync(IComponentRegistry from, IComponentRegistry to, IEnumerable<ComponentName> names,
        Action<RegistryRelease, PublishResult>? copied, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(names);
        int count = 0;
        bool isProposed = false;

        // What is signed is read first and put last: so it names nothing that was not copied.
        IReadOnlyList<RegistryFile> files = await RegistryFileSet.ReadAsync(from, cancellation).ConfigureAwait(false);
        foreach (ComponentName name in names)
        {
            IReadOnlyList<RegistryRelease> there = await to.ListAsync(name, cancellation).ConfigureAwait(false);
            List<RegistryBundle> bundles = [];
            foreach (RegistryRelease release in await from.ListAsync(name, cancellation).ConfigureAwait(false))
            {
                cancellation.ThrowIfCancellationRequested();
                if (await CopyAsync(from, to, release, there.FirstOrDefault(other => other.Version == release.Version), cancellation)
                    .ConfigureAwait(false) is { } result)
                {
                    count++;
                    isProposed |= result.Outcome == PublishOutcome.Proposed;
                    copied?.Invoke(release, result);
                }
                else
                {
                    bundles.Add(
                        new RegistryBundle(release.Version, await from.ReadBundleAsync(release, cancellation).ConfigureAwait(false)));
                    await RenewAsync(to, name, bundles, MaxHeldBytes, cancellation).ConfigureAwait(false);
                }
            }

            await RenewAsync(to, name, bundles, 0, cancellation).ConfigureAwait(false);
        }

        // What is only proposed there is not said to be there.
        if (files.Count > 0 && !isProposed)
        {
            await to.WriteFilesAsync(files, cancellation).ConfigureAwait(false);
        }

        return count;
    }

    // A registry makes bundles anew while their release stays: who has an old one does not know what was revoked since, nor the keys that
    // sign now.
    private static async ValueTask RenewAsync(IComponentRegistry to, ComponentName name, List<RegistryBundle> bundles, long most,
        CancellationToken cancellation)
    {
        if (bundles.Sum(bundle => (long)bundle.Content.Length) > most)
        {
            _ = await to.RenewBundlesAsync(name, bundles, cancellation).ConfigureAwait(false);
            bundles.Clear();
        }
    }

    private static async ValueTask<PublishResult?> CopyAsync(IComponentRegistry from, IComponentRegistry to, RegistryRelease release,
        RegistryRelease? there, CancellationToken cancellation)
    {
        if (there is null || there.Root256 != release.Root256)
        {
            byte[] package = await from.ReadPackageAsync(release, cancellation).ConfigureAwait(false),
            bundle = await from.ReadBundleAsync(release, cancellation).ConfigureAwait(false);
            return await to.PublishAsync(new RegistryPublication(release, package, bundle), cancellation).ConfigureAwait(false);
        }

        if (there.YankReason != release.YankReason)
        {
            await to.YankAsync(release.Name, release.Version, release.YankReason, cancellation).ConfigureAwait(false);
        }

        if (there.Deprecation != release.Deprecation)
        {
            await to.DeprecateAsync(release.Name, release.Version, release.Deprecation, cancellation).ConfigureAwait(false);
        }

        return null;
    }
}
