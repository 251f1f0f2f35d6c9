using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Resolution;

/// <summary>
/// Resolves by trying all choices, in which each component is absent or has one of its versions. Uses no sets, propagation or conflicts,
/// only the definition of a valid choice.
/// </summary>
internal sealed class BruteForce(ComponentCatalog catalog, ResolutionRequest request)
{
    private static readonly long s_nowNanos = ManualClock.At(UniverseText.Now).UtcNanos;

    private readonly ComponentName[] _names = [.. catalog.Names.Order()];
    private readonly HashSet<ComponentName> _named = NamedOnTheWay(catalog, request);

    /// <summary>Returns every valid choice in which each given component has a version that its condition accepts.</summary>
    public IEnumerable<IReadOnlyDictionary<ComponentName, CandidateRelease>> Solutions(
        IReadOnlyDictionary<ComponentName, Func<SemanticVersion, bool>> given)
    {
        Dictionary<ComponentName, CandidateRelease> chosen = [];
        return From(0, chosen, given).Where(_ => IsRight(chosen)).Select(_ => new Dictionary<ComponentName, CandidateRelease>(chosen));
    }

    /// <summary>Returns whether a choice meets every requirement, has one provider per schema, and no cycle.</summary>
    public bool IsRight(IReadOnlyDictionary<ComponentName, CandidateRelease> chosen)
    {
        Dictionary<string, ComponentName[]> providers =
            chosen.Values.SelectMany(release => release.ProvidedSchemas.Select(schema => (schema, release.Name)))
            .GroupBy(pair => pair.schema).ToDictionary(group => group.Key, group => group.Select(pair => pair.Name).ToArray());
        bool HasOneProvider(string schema) => providers.TryGetValue(schema, out ComponentName[]? of) && of.Length == 1;
        bool IsMet(ComponentRequirement need) => chosen.TryGetValue(need.Name, out CandidateRelease? release) && IsIn(need.Range, release);
        return request.Requirements.All(IsMet)
            && request.RequiredSchemas.All(HasOneProvider)
            && chosen.Values.All(release => IsUsable(release) && release.Dependencies.All(IsMet)
                && Foreign(release).All(need => HasOneProvider(need.Schema) && IsIn(need.Range, chosen[providers[need.Schema][0]]))
                && release.LicenseTier <= request.Policy.LicenseTier
                && release.Engines.All(need => request.Engines.TryGetValue(need.Engine, out SemanticVersion? running)
                    && need.Range.Contains(running)))
            && !HasCircle(chosen, providers);
    }

    // A scoped component must be named by a requirement, because anyone can claim to provide a schema.
    private bool IsUsable(CandidateRelease release) =>
        release.TrustRefusal is null
        && (release.YankReason is null || request.Preferred.GetValueOrDefault(release.Name) == release.Version)
        && (release.PublishedAtNanos + (request.Policy.MinimumReleaseAge.Ticks * 100) <= s_nowNanos
            || request.Policy.CooldownExempt.Contains(release.Name))
        && (release.Name.Scope is null || _named.Contains(release.Name));

    private bool IsIn(VersionRange range, CandidateRelease release) =>
        range.Contains(release.Version)
            || (request.Policy.PreReleases.Contains(release.Name) && range.WithPreReleases().Contains(release.Version));

    // Returns the components that can be reached from the workspace: those that a requirement names, and those without a scope that provide
    // a required schema. The requirements of all releases of these components are followed.
    private static HashSet<ComponentName> NamedOnTheWay(ComponentCatalog catalog, ResolutionRequest request)
    {
        HashSet<ComponentName> named =
            [.. request.Requirements.Select(requirement => requirement.Name), .. OpenProviders(catalog, request.RequiredSchemas)];
        for (int count = 0; count < named.Count;)
        {
            count = named.Count;
            CandidateRelease[] there = [.. named.SelectMany(catalog.ReleasesOf)];
            named.UnionWith(there.SelectMany(release => release.Dependencies).Select(need => need.Name));
            named.UnionWith(there.SelectMany(release => OpenProviders(catalog, Foreign(release).Select(need => need.Schema))));
        }

        return named;
    }

    private static IEnumerable<ComponentName> OpenProviders(ComponentCatalog catalog, IEnumerable<string> schemas) =>
        schemas.SelectMany(catalog.ProvidersOf).Where(name => name.Scope is null);

    // A release does not require the schemas that it provides itself.
    private static IEnumerable<SchemaRequirement> Foreign(CandidateRelease release) =>
        release.RequiredSchemas.Where(need => !release.ProvidedSchemas.Contains(need.Schema));

    private static bool HasCircle(IReadOnlyDictionary<ComponentName, CandidateRelease> chosen,
        Dictionary<string, ComponentName[]> providers)
    {
        HashSet<ComponentName> left = [.. chosen.Keys];
        while (left.FirstOrDefault(name =>
            !chosen[name].Dependencies.Select(need => need.Name).Concat(Foreign(chosen[name]).SelectMany(need => providers[need.Schema]))
                .Any(left.Contains)) is ComponentName free)
        {
            left.Remove(free);
        }

        return left.Count > 0;
    }

    private IEnumerable<bool> From(int i, Dictionary<ComponentName, CandidateRelease> chosen,
        IReadOnlyDictionary<ComponentName, Func<SemanticVersion, bool>> given)
    {
        if (i == _names.Length)
        {
            yield return true;
            yield break;
        }

        ComponentName name = _names[i];
        bool isGiven = given.TryGetValue(name, out Func<SemanticVersion, bool>? holds);
        foreach (CandidateRelease release in catalog.ReleasesOf(name).Where(release => !isGiven || holds!(release.Version)))
        {
            chosen[name] = release;
            foreach (bool found in From(i + 1, chosen, given))
            {
                yield return found;
            }
        }

        chosen.Remove(name);
        if (!isGiven)
        {
            foreach (bool found in From(i + 1, chosen, given))
            {
                yield return found;
            }
        }
    }
}
