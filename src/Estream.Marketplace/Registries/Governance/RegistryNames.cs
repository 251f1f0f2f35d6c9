using Estream.Marketplace.Names;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Governance;

/// <summary>
/// The names that a registry has, to compare a new one with: of every component in its log. Many use, as far as a registry knows, what the
/// project itself has and what a component of another namespace needs. Thread-safe; holds no state.
/// </summary>
internal static class RegistryNames
{
    /// <summary>Reads them. Costs an index for each component, as making a catalogue does.</summary>
    /// <param name="log">Says what there is.</param>
    /// <param name="place">Says what needs what.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EstreamRegistryException">An index cannot be read.</exception>
    public static async Task<KnownNames> ReadAsync(NamespaceMap log, IComponentRegistry place, CancellationToken cancellation)
    {
        HashSet<ComponentName> needed = [];
        foreach (ComponentName name in log.Components)
        {
            NamespaceName owner = NamespaceName.Of(name);
            IReadOnlyList<RegistryRelease> releases = await place.ListAsync(name, cancellation).ConfigureAwait(false);
            needed.UnionWith(releases.SelectMany(release => release.Dependencies).Select(need => need.Name)
                .Where(other => NamespaceName.Of(other) != owner));
        }

        return new KnownNames(log.Components.Select(name => new KnownName(name, IsPopular: name.Scope is null || needed.Contains(name))));
    }
}
