using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Registries;

namespace Estream.Marketplace.Client;

/// <summary>
/// What a resolution may choose from: every release of the components that are wanted and of all that these need, as their registries say
/// it. Immutable.
/// </summary>
/// <remarks>What registries say is signed by them, so that none of their copies can hide a release or that one was taken back; it is
/// believed here only as far as a choice goes. What is chosen is verified afterwards, and refused where what its owners have signed says
/// otherwise.</remarks>
public sealed class RegistryCatalog
{
    /// <summary>Most components that are looked at.</summary>
    public const int MaxComponents = 10_000;

    /// <summary>Most releases that are looked at.</summary>
    public const int MaxReleases = 1_000_000;

    /// <summary>Most components without a scope that are looked through for a schema.</summary>
    public const int MaxProviders = 2_000;

    // Any name without a scope: all of them come from one registry.
    private static readonly ComponentName s_unscoped = ComponentName.Parse("component");

    private readonly Dictionary<(ComponentName Name, SemanticVersion Version), RegistryRelease> _said;

    private RegistryCatalog(IReadOnlyCollection<RegistryRelease> said)
    {
        _said = said.ToDictionary(release => (release.Name, release.Version));
        Releases = new ComponentCatalog(said.Select(Candidates.Of));
    }

    /// <summary>The releases as the resolver sees them.</summary>
    public ComponentCatalog Releases { get; }

    /// <summary>Reads a catalog, level by level, of what the registries have signed.</summary>
    /// <param name="registries">Where components come from.</param>
    /// <param name="clock">Says whether what they say still counts.</param>
    /// <param name="names">The components that are wanted.</param>
    /// <param name="schemas">The schemas that are wanted besides.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="EstreamException">A registry is not believed, refuses, is out of reach or holds what it must not; or more is needed
    /// than is looked at.</exception>
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

        // What the workspace itself names has to have a registry; what some release of long ago names need not.
        Array.ForEach(wanted, name => _ = registries.For(name));
        await walk.GoAsync(wanted, cancellation).ConfigureAwait(false);
        if (walk.Lacks(schemas) && registries.Find(s_unscoped) is { } project)
        {
            IReadOnlyList<ComponentName> all = await project.Place.SearchAsync("", MaxProviders + 1, cancellation).ConfigureAwait(false);
            if (all.Count > MaxProviders)
            {
                throw new EstreamRegistryException(
                    RegistryFault.Configuration,
                    $"A schema is needed that no component on the way brings along, and the registry {project.Name} has more than "
                    + $"{MaxProviders} components to look through. Name the component that brings it in [components].",
                            project.Place.Location);
            }

            await walk.GoAsync(all.Where(name => name.Scope is null), cancellation).ConfigureAwait(false);
        }

        return new RegistryCatalog(walk.Releases);
    }

    /// <summary>What the registry says of a release of the catalog.</summary>
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
                    $"What the wanted components need has more than {MaxComponents} components or {MaxReleases} releases, which are not "
                    + "looked at. Narrow what [components] asks for, or tell who keeps the registry.", null);
            }
        }
    }
}

/// <summary>What a registry says of a release, as the resolver sees it.</summary>
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
            TrustRefusal = isTier ? null : $"its license tier '{release.LicenseTier}' is none",
        };
    }
}
