namespace Estream.Marketplace.Registries;

/// <summary>Copies releases from one registry to another, byte for byte. Thread-safe; holds no state.</summary>
public static class RegistryMirror
{
    /// <summary>Copies all releases of some components, with what is said of them now.</summary>
    /// <param name="from">Where they are.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="names">The components.</param>
    /// <param name="copied">Is told of each release that was copied; null where nobody wants to know.</param>
    /// <param name="cancellation">Ends the copying between two releases; what is copied stays.</param>
    /// <returns>How many releases were not there before.</returns>
    /// <exception cref="EstreamRegistryException">A registry refuses; <see cref="RegistryFault.AlreadyPublished"/> where both have a version with different files, of which one is not what was published.</exception>
    public static async ValueTask<int> RunAsync(IComponentRegistry from, IComponentRegistry to, IEnumerable<ComponentName> names, Action<RegistryRelease>? copied, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(names);
        int count = 0;
        foreach (ComponentName name in names)
        {
            IReadOnlyList<RegistryRelease> there = await to.ListAsync(name, cancellation).ConfigureAwait(false);
            foreach (RegistryRelease release in await from.ListAsync(name, cancellation).ConfigureAwait(false))
            {
                cancellation.ThrowIfCancellationRequested();
                if (await CopyAsync(from, to, release, there.FirstOrDefault(other => other.Version == release.Version), cancellation).ConfigureAwait(false))
                {
                    count++;
                    copied?.Invoke(release);
                }
            }
        }

        return count;
    }

    private static async ValueTask<bool> CopyAsync(IComponentRegistry from, IComponentRegistry to, RegistryRelease release, RegistryRelease? there, CancellationToken cancellation)
    {
        if (there is null || there.Root256 != release.Root256)
        {
            byte[] package = await from.ReadPackageAsync(release, cancellation).ConfigureAwait(false), bundle = await from.ReadBundleAsync(release, cancellation).ConfigureAwait(false);
            await to.PublishAsync(new RegistryPublication(release, package, bundle), cancellation).ConfigureAwait(false);
            return true;
        }

        if (there.YankReason != release.YankReason)
        {
            await to.YankAsync(release.Name, release.Version, release.YankReason, cancellation).ConfigureAwait(false);
        }

        if (there.Deprecation != release.Deprecation)
        {
            await to.DeprecateAsync(release.Name, release.Version, release.Deprecation, cancellation).ConfigureAwait(false);
        }

        return false;
    }
}
