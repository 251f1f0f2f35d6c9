using Estream.Core;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>The packages of one resolution, created on first use; their ids are in the order of discovery.</summary>
internal sealed class SolverUniverse
{
    /// <summary>The id of the workspace, which is created first.</summary>
    public const int WorkspaceId = 0;

    private readonly ComponentCatalog _catalog;
    private readonly long _nowNanos;
    private readonly List<SolverPackage> _packages = [];
    private readonly Dictionary<(PackageKind Kind, string Name), SolverPackage> _byName = [];
    private HashSet<ComponentName>? _reachable;

    public SolverUniverse(ComponentCatalog catalog, ResolutionRequest request, IClock clock)
    {
        _catalog = catalog;
        Request = request;
        _nowNanos = clock.UtcNanos;
        Met(PackageKind.Workspace, "this workspace",
            (id, label) => new SolverPackage { Id = id, Kind = PackageKind.Workspace, Label = label, VersionCount = 1 });
    }

    public ResolutionRequest Request { get; }

    public ComponentCatalog Catalog => _catalog;

    public SolverPackage this[int id] => _packages[id];

    /// <summary>Returns the package of a component; an unknown component has no versions.</summary>
    public SolverPackage Component(ComponentName name) => Met(PackageKind.Component, name.ToString(), (id, label) =>
    {
        CandidateRelease[] all = _catalog.Sorted(name);
        ExcludedRelease?[] excluded = Array.ConvertAll(all, ExclusionOf);
        CandidateRelease[] usable = Array.TrueForAll(excluded, one => one is null) ? all : [.. all.Where((_, i) => excluded[i] is null)];
        return new SolverPackage
        {
            Id = id,
            Kind = PackageKind.Component,
            Label = label,
            Component = name,
            Releases = usable,
            Excluded = [.. excluded.OfType<ExcludedRelease>()],
            VersionCount = usable.Length,
        };
    });

    /// <summary>Returns the package of a schema. Its versions are the providers that are reachable from the workspace or have no
    /// scope.</summary>
    public SolverPackage Schema(string schema) => Met(PackageKind.Schema, schema, (id, label) =>
    {
        // The solver tries the highest version first, so the preferred providers are last in the array: components that the workspace names
        // are tried first, then the others by name.
        HashSet<ComponentName> named = [.. Request.Requirements.Select(requirement => requirement.Name)];
        ComponentName[] providers =
            [.. _catalog.ProvidersOf(schema).Where(IsInvited).OrderBy(named.Contains).ThenByDescending(name => name)];
        return new SolverPackage
        {
            Id = id,
            Kind = PackageKind.Schema,
            Label = label,
            Providers = providers,
            VersionCount = providers.Length,
        };
    });

    /// <summary>Returns the package of an engine; it has one version, or none if the engine is not available.</summary>
    public SolverPackage Engine(string engine) => Met(PackageKind.Engine, engine, (id, label) => new SolverPackage
    {
        Id = id,
        Kind = PackageKind.Engine,
        Label = label,
        VersionCount = Request.Engines.ContainsKey(engine) ? 1 : 0,
    });

    /// <summary>Returns the package of a required license tier.</summary>
    public SolverPackage Tier(LicenseTier tier) => Met(PackageKind.Tier, LicenseTierNames.Of(tier), (id, label) => new SolverPackage
    {
        Id = id,
        Kind = PackageKind.Tier,
        Label = label,
        VersionCount = Request.Policy.LicenseTier >= tier ? 1 : 0,
    });

    /// <summary>Returns the effective range: includes pre-releases if the policy enables them for the component.</summary>
    public VersionRange Effective(ComponentRequirement requirement) =>
        Request.Policy.PreReleases.Contains(requirement.Name) ? requirement.Range.WithPreReleases() : requirement.Range;

    /// <summary>Returns the version to try next: the preferred version if it remains, otherwise the highest.</summary>
    public int Preferred(int id, IntervalSet<int> left)
    {
        SolverPackage package = _packages[id];
        if (package.Component is not null && Request.Preferred.TryGetValue(package.Component, out SemanticVersion? kept))
        {
            int index = 1 + Array.FindIndex(package.Releases, release => release.Version == kept);
            if (index > 0 && left.Contains(index))
            {
                return index;
            }
        }

        // The set is positive: its highest member is just below its last cut, or is the last version.
        return left.Cuts.Length % 2 == 0 ? left.Cuts[^1] - 1 : package.VersionCount;
    }

    /// <summary>Orders the decisions by the discovery of their packages. Schemas come last, because only then is it known which of their
    /// providers are chosen anyway.</summary>
    public int CompareTurns(int a, int b)
    {
        int order = (_packages[a].Kind == PackageKind.Schema).CompareTo(_packages[b].Kind == PackageKind.Schema);
        return order != 0 ? order : a.CompareTo(b);
    }

    /// <summary>Returns the known scoped providers of a schema that are not reachable from the workspace.</summary>
    public IEnumerable<ComponentName> UninvitedProvidersOf(string schema) => _catalog.ProvidersOf(schema).Where(name => !IsInvited(name));

    private SolverPackage Met(PackageKind kind, string label, Func<int, string, SolverPackage> make)
    {
        if (!_byName.TryGetValue((kind, label), out SolverPackage? package))
        {
            package = make(_packages.Count, label);
            _packages.Add(package);
            _byName.Add((kind, label), package);
        }

        return package;
    }

    // Anyone can claim to provide a schema. Without this check, an unrelated scoped component would be installed only because it names the
    // schema.
    private bool IsInvited(ComponentName name)
    {
        _reachable ??= _catalog.Reachable(Request.Requirements.Select(requirement => requirement.Name)
            .Concat(Request.RequiredSchemas.SelectMany(_catalog.OpenProvidersOf)));
        return name.Scope is null || _reachable.Contains(name);
    }

    private ExcludedRelease? ExclusionOf(CandidateRelease release)
    {
        if (release.TrustRefusal is not null)
        {
            return new ExcludedRelease(release, ExclusionReason.Trust, release.TrustRefusal);
        }

        bool isKept = Request.Preferred.TryGetValue(release.Name, out SemanticVersion? kept) && kept == release.Version;
        if (release.YankReason is not null && !isKept)
        {
            return new ExcludedRelease(release, ExclusionReason.Yanked, release.YankReason);
        }

        TimeSpan age = TimeSpan.FromTicks((_nowNanos - release.PublishedAtNanos) / TimeSpan.NanosecondsPerTick);
        return Request.Policy.HasToWait(release.Name, age)
            ? new ExcludedRelease(release, ExclusionReason.Cooldown, Durations.Describe(Request.Policy.MinimumReleaseAge))
            : null;
    }
}

/// <summary>A release that exists but cannot be chosen, and why.</summary>
/// <param name="Release">The release.</param>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Detail">The reason given by the publisher or the trust policy; for a cooldown, the minimum age.</param>
internal sealed record ExcludedRelease(CandidateRelease Release, ExclusionReason Reason, string Detail);
