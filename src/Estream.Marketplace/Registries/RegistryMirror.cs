namespace Estream.Marketplace.Registries;

/// <summary>Copies releases from one registry to another, byte for byte. Thread-safe; holds no state.</summary>
public static class RegistryMirror
{
    private const long MaxHeldBytes = 64 << 20;

    /// <summary>Copies all releases of some components with their current yanks, deprecations and bundles, and then the metadata files of
    /// the registry.</summary>
    /// <param name="from">The source registry.</param>
    /// <param name="to">The target registry.</param>
    /// <param name="names">The components.</param>
    /// <param name="copied">Called for each copied release with its result; may be null.</param>
    /// <param name="cancellation">Cancels the call between two releases; copied releases stay.</param>
    /// <returns>The number of releases that were new in the target.</returns>
    /// <exception cref="EstreamRegistryException">A registry refuses a request; <see cref="RegistryFault.AlreadyPublished"/> if both
    /// registries have a version with different files, one of which is not what was published.</exception>
    public static async ValueTask<int> RunAsync(IComponentRegistry from, IComponentRegistry to, IEnumerable<ComponentName> names,
        Action<RegistryRelease, PublishResult>? copied, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(names);
        int count = 0;
        bool isProposed = false;

        // Read the signed metadata first and write it last, so that it never references a release that was not copied.
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

        // Releases that were only proposed must not be listed as available.
        if (files.Count > 0 && !isProposed)
        {
            await to.WriteFilesAsync(files, cancellation).ConfigureAwait(false);
        }

        return count;
    }

    // A registry renews bundles of existing releases. An old bundle lacks later revocations and the current keys.
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
