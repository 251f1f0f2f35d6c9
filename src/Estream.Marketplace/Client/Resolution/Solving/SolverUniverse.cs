using Estream.Core;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>The packages of one resolution, made as they are met: their numbers are the order in which they were.</summary>
internal sealed class SolverUniverse
{
    /// <summary>The number of the workspace, which is met first.</summary>
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

    /// <summary>The package of a component, which has no version when it is not known.</summary>
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

    /// <summary>The package of a schema. Its versions are those providers that somebody named on the way from the workspace, or that have
    /// no scope.</summary>
    public SolverPackage Schema(string schema) => Met(PackageKind.Schema, schema, (id, label) =>
    {
        // The highest version is tried first: what the workspace names itself, then by name.
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

    /// <summary>The package of a program around the components: one version, or none where it is not here.</summary>
    public SolverPackage Engine(string engine) => Met(PackageKind.Engine, engine, (id, label) => new SolverPackage
    {
        Id = id,
        Kind = PackageKind.Engine,
        Label = label,
        VersionCount = Request.Engines.ContainsKey(engine) ? 1 : 0,
    });

    /// <summary>The package of a license tier that is needed.</summary>
    public SolverPackage Tier(LicenseTier tier) => Met(PackageKind.Tier, LicenseTierNames.Of(tier), (id, label) => new SolverPackage
    {
        Id = id,
        Kind = PackageKind.Tier,
        Label = label,
        VersionCount = Request.Policy.LicenseTier >= tier ? 1 : 0,
    });

    /// <summary>The range as this workspace takes it: with pre-releases where it asks for those of the component.</summary>
    public VersionRange Effective(ComponentRequirement requirement) =>
        Request.Policy.PreReleases.Contains(requirement.Name) ? requirement.Range.WithPreReleases() : requirement.Range;

    /// <summary>The version to try next of those that are left: the one to keep, or the highest.</summary>
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

        // Left is a positive set: its highest member lies right below its last cut, or is the last version there is.
        return left.Cuts.Length % 2 == 0 ? left.Cuts[^1] - 1 : package.VersionCount;
    }

    /// <summary>The order in which packages are chosen: as they were met, and schemas last, when it is known which providers are there
    /// anyway.</summary>
    public int CompareTurns(int a, int b)
    {
        int order = (_packages[a].Kind == PackageKind.Schema).CompareTo(_packages[b].Kind == PackageKind.Schema);
        return order != 0 ? order : a.CompareTo(b);
    }

    /// <summary>Providers that are known and that nobody named.</summary>
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

    // A schema is a word anybody can claim to provide. Without this, a stranger's package would be installed for a name alone.
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

/// <summary>A release that exists and is not chosen, and why.</summary>
/// <param name="Release">The release.</param>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Detail">What the publisher or the trust policy says of it; the age that is asked for, of a cooldown.</param>
internal sealed record ExcludedRelease(CandidateRelease Release, ExclusionReason Reason, string Detail);
