using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Resolution;

/// <summary>Finds changes of the workspace's requirements that resolve a conflict. Each change was tried with the solver.</summary>
internal sealed class ConflictAlternatives(ComponentCatalog catalog, ResolutionRequest request, IClock clock)
{
    private const int MaxTrials = 4;
    private const int MaxTrialSteps = 20_000;

    public IReadOnlyList<string> Of(IReadOnlyList<Fact> facts)
    {
        ComponentRequirement[] inTheWay =
        [
            .. facts.OfType<Fact.Dependency>().Where(need => need.From.Kind == PackageKind.Workspace
            && need.To.Kind == PackageKind.Component)
                .Select(need => new ComponentRequirement(need.To.Component!, need.Requirement!)).Take(MaxTrials),
        ];
        string[] wider = [.. inTheWay.Select(WithAnotherVersion).OfType<string>()];
        return wider.Length > 0 || request.Requirements.Count < 2 ? wider : [.. inTheWay.Select(Without).OfType<string>()];
    }

    /// <summary>Returns the hint to ask the publishers, for use when no change of the workspace helps.</summary>
    public static string AskPublishers(IReadOnlyList<Fact> facts)
    {
        string[] asked =
            [.. facts.OfType<Fact.Dependency>().Where(need => need.From.Kind == PackageKind.Workspace).Select(need => need.To.Label)
            .Distinct()];
        return $"No release of {ConflictPhrases.Join(asked, "or")} can be used with the other releases: ask its publisher for one, or "
            + "choose another component";
    }

    private string? WithAnotherVersion(ComponentRequirement requirement)
    {
        ComponentRequirement any = requirement with { Range = VersionRange.AnyRelease };
        CandidateRelease? instead = Tried([.. request.Requirements.Select(other => other.Name == requirement.Name ? any : other)])
            ?.Components.First(component => component.Release.Name == requirement.Name).Release;
        return instead is null
            ? null
            : $"With {instead} everything can be resolved: write "
                + $"{WorkspaceManifestEditor.Line(requirement.Name, RangeLike(requirement.Range, instead.Version))} instead of "
                + $"\"{requirement.Range}\"";
    }

    // A requirement for one exact version is replaced by another exact version.
    private static string RangeLike(VersionRange asked, SemanticVersion version) =>
        $"{(SemanticVersion.TryParse(asked.ToString(), out _, out _) ? "" : "^")}{version.ToString().Split('+')[0]}";

    private string? Without(ComponentRequirement requirement) =>
        Tried([.. request.Requirements.Where(other => other.Name != requirement.Name)]) is null
            ? null
            : $"Without {requirement.Name} everything else can be resolved";

    private ResolvedSet? Tried(IReadOnlyList<ComponentRequirement> requirements)
    {
        ResolutionRequest changed = request with { Requirements = requirements };
        Solver solver = new(new SolverUniverse(catalog, changed, clock), MaxTrialSteps);
        return solver.Run() == SolverOutcome.Solved ? ResolvedSetBuilder.Build(solver, changed) : null;
    }
}
