using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Registries;

/// <summary>
/// Maps each scope to exactly one registry, so that publishing a component of the same name elsewhere cannot replace a component of a
/// private scope. Immutable; as thread-safe as its registries.
/// </summary>
public sealed class RegistryMap
{
    private readonly Dictionary<string, IComponentRegistry> _byScope;
    private readonly IComponentRegistry? _others;

    /// <summary>Creates a map.</summary>
    /// <param name="scopes">Scopes with their <c>@</c>, and their registries; an empty string stands for components without a
    /// scope.</param>
    /// <param name="others">The registry of all other scopes, or <see langword="null"/>.</param>
    /// <exception cref="EstreamRegistryException">A scope has two registries or is not valid
    /// (<see cref="RegistryFault.Configuration"/>).</exception>
    public RegistryMap(IEnumerable<KeyValuePair<string, IComponentRegistry>> scopes, IComponentRegistry? others)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        _byScope = new Dictionary<string, IComponentRegistry>(StringComparer.Ordinal);
        _others = others;
        foreach ((string scope, IComponentRegistry registry) in scopes)
        {
            if (scope.Length > 0 && !(scope[0] == '@' && ComponentName.TryParse(scope + "/x", out _, out _)))
            {
                throw new EstreamRegistryException(RegistryFault.Configuration, $"'{scope}' is not a valid scope. Write it as '@acme'.",
                    registry.Location);
            }

            if (!_byScope.TryAdd(scope, registry))
            {
                throw new EstreamRegistryException(
                    RegistryFault.Configuration,
                    $"The scope '{scope}' has two registries, {_byScope[scope].Location} and {registry.Location}. Remove one of them.",
                        registry.Location);
            }
        }
    }

    /// <summary>The distinct registries.</summary>
    public IReadOnlyList<IComponentRegistry> Registries => [.. _byScope.Values.Append(_others).OfType<IComponentRegistry>().Distinct()];

    /// <summary>Returns the registry of a component.</summary>
    /// <param name="name">The component.</param>
    /// <exception cref="EstreamRegistryException">No registry is configured for its scope
    /// (<see cref="RegistryFault.Configuration"/>).</exception>
    public IComponentRegistry For(ComponentName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name)
            ?? throw new EstreamRegistryException(RegistryFault.Configuration,
                $"No registry is configured for {(name.Scope is null ? "components without a scope" : $"the scope '@{name.Scope}'")}, so "
                + $"{name} cannot be found. Add one under [registries] in {WorkspaceManifest.FileName}.", null);
    }

    /// <summary>Returns the registry of a component, or null if none is configured for its scope.</summary>
    internal IComponentRegistry? Find(ComponentName name) =>
        _byScope.GetValueOrDefault(name.Scope is null ? "" : "@" + name.Scope, _others!);
}
