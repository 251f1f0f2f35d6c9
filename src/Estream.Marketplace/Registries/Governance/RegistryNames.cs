using Estream.Marketplace.Names;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Governance;

/// <summary>
/// Collects the names of all components in a registry's log, to compare a new name with. A component counts as popular if it belongs to the
/// project itself or a component of another namespace needs it. Thread-safe; holds no state.
/// </summary>
internal static class RegistryNames
{
    /// <summary>Reads the names. Reads one index per component, as creating a catalogue does.</summary>
    /// <param name="log">The state of the log, with all components.</param>
    /// <param name="place">The registry, for the dependencies.</param>
    /// <param name="cancellation">Cancels the call.</param>
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
