using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Registries;

namespace Estream.Marketplace.Client;

/// <summary>
/// The releases that a resolution may choose from: every release of the requested components and of their transitive dependencies, as the
/// registries list them. Immutable.
/// </summary>
/// <remarks>A registry signs its catalogue, so a mirror cannot hide a release or a yank. The catalogue is used only to choose versions.
/// Each chosen release is verified afterwards, and refused if its owners signed facts that differ from the catalogue.</remarks>
public sealed class RegistryCatalog
{
    /// <summary>The maximum number of components read.</summary>
    public const int MaxComponents = 10_000;

    /// <summary>The maximum number of releases read.</summary>
    public const int MaxReleases = 1_000_000;

    /// <summary>The maximum number of components without a scope that are searched for a schema.</summary>
    public const int MaxProviders = 2_000;

    // An arbitrary name without a scope: all components without a scope come from the same registry.
    private static readonly ComponentName s_unscoped = ComponentName.Parse("component");

    private readonly Dictionary<(ComponentName Name, SemanticVersion Version), RegistryRelease> _said;

    private RegistryCatalog(IReadOnlyCollection<RegistryRelease> said)
    {
        _said = said.ToDictionary(release => (release.Name, release.Version));
        Releases = new ComponentCatalog(said.Select(Candidates.Of));
    }

    /// <summary>The releases as the resolver sees them.</summary>
    public ComponentCatalog Releases { get; }

    /// <summary>Reads the signed catalogues of the registries, following dependencies breadth first.</summary>
    /// <param name="registries">The registries that components come from.</param>
    /// <param name="clock">The clock for the expiry of registry metadata.</param>
    /// <param name="names">The requested components.</param>
    /// <param name="schemas">The schemas that are required in addition.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamException">A registry is not trusted, refuses access, is out of reach or has invalid content, or the
    /// dependencies exceed a limit of this class.</exception>
    public static Task<RegistryCatalog> ReadAsync(RegistrySet registries, IClock clock, IEnumerable<ComponentName> names,
        IEnumerable<string> schemas, CancellationToken cancellation) =>
        ReadAsync(registries, new RegistryViews(clock), names, schemas, cancellation);

    internal static async Task<RegistryCatalog> ReadAsync(RegistrySet registries, RegistryViews views, IEnumerable<ComponentName> names,
        IEnumerable<string> schemas, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(registries);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(schemas);
        ReleaseLookup walk = new(registries, views);
        ComponentName[] wanted = [.. names];

        // Components named by the workspace must have a registry; components named only by some old release need not.
        Array.ForEach(wanted, name => _ = registries.For(name));
        await walk.GoAsync(wanted, cancellation).ConfigureAwait(false);
        if (walk.Lacks(schemas) && registries.Find(s_unscoped) is { } project)
        {
            IReadOnlyList<ComponentName> all = await project.Place.SearchAsync("", MaxProviders + 1, cancellation).ConfigureAwait(false);
            if (all.Count > MaxProviders)
            {
                throw new EstreamRegistryException(
                    RegistryFault.Configuration,
                    $"No requested component or dependency provides a required schema, and the registry {project.Name} has more than "
                    + $"{MaxProviders} components to search for it. Add the component that provides it to [components].",
                            project.Place.Location);
            }

            await walk.GoAsync(all.Where(name => name.Scope is null), cancellation).ConfigureAwait(false);
        }

        return new RegistryCatalog(walk.Releases);
    }

    /// <summary>Returns the catalogue entry of a release.</summary>
    internal RegistryRelease Find(CandidateRelease release) => _said[(release.Name, release.Version)];

    private sealed class ReleaseLookup(RegistrySet registries, RegistryViews views)
    {
        private readonly HashSet<ComponentName> _seen = [];

        public List<RegistryRelease> Releases { get; } = [];

        public bool Lacks(IEnumerable<string> schemas)
        {
            HashSet<string> provided = [.. Releases.SelectMany(release => release.Provides)];
            return schemas.Concat(Releases.SelectMany(release => release.Requires)).Any(schema => !provided.Contains(schema));
        }

        public async Task GoAsync(IEnumerable<ComponentName> names, CancellationToken cancellation)
        {
            Queue<ComponentName> open = new(names.Where(_seen.Add));
            while (open.TryDequeue(out ComponentName? name))
            {
                Require(_seen.Count <= MaxComponents && Releases.Count <= MaxReleases);
                if (registries.Find(name) is not { } registry)
                {
                    continue;
                }

                foreach (RegistryRelease release in await (await views.OfAsync(registry, cancellation)
                    .ConfigureAwait(false)).ListAsync(name, cancellation).ConfigureAwait(false))
                {
                    Releases.Add(release);
                    foreach (RegistryRequirement need in release.Dependencies.Where(need => _seen.Add(need.Name)))
                    {
                        open.Enqueue(need.Name);
                    }
                }
            }
        }

        private static void Require(bool fits)
        {
            if (!fits)
            {
                throw new EstreamRegistryException(
                    RegistryFault.Malformed,
                    $"The requested components and their dependencies exceed {MaxComponents} components or {MaxReleases} releases. "
                    + "Request fewer components in [components], or tell the operator of the registry.", null);
            }
        }
    }
}

/// <summary>Converts catalogue entries into candidates for the resolver.</summary>
internal static class Candidates
{
    private const long NanosPerTick = 100;

    public static CandidateRelease Of(RegistryRelease release)
    {
        LicenseTier tier = LicenseTier.OpenSource;
        bool isTier = release.LicenseTier.Length == 0 || LicenseTierNames.TryParse(release.LicenseTier, out tier);
        return new CandidateRelease
        {
            Name = release.Name,
            Version = release.Version,
            Dependencies = [.. release.Dependencies.Select(need => new ComponentRequirement(need.Name, need.Range))],
            ProvidedSchemas = release.Provides,
            RequiredSchemas = [.. release.Requires.Select(schema => new SchemaRequirement(schema, VersionRange.AnyRelease))],
            Engines = [.. release.Engines.Select(engine => new EngineRequirement(engine.Name, engine.Range))],
            LicenseTier = tier,
            PublishedAtNanos = (release.Published - DateTimeOffset.UnixEpoch).Ticks * NanosPerTick,
            YankReason = release.YankReason,
            TrustRefusal = isTier ? null : $"its license tier '{release.LicenseTier}' is not valid",
        };
    }
}
