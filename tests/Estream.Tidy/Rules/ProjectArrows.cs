using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Checks which project may refer to which: the table of docs/ARCHITECTURE.md as code.</summary>
internal static class ProjectArrows
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Estream.Core"] = [],
        ["Estream.Analyzers"] = [],
        ["Estream.Client"] = ["Estream.Core"],
        ["Estream.Esf.Schema"] = [],
        ["Estream.Crypto"] = ["Estream.Core"],
        ["Estream.Crypto.BouncyCastle"] = ["Estream.Crypto"],
        ["Estream.Queue"] = ["Estream.Core"],
        ["Estream.Map"] = ["Estream.Core"],
        ["Estream.Esf"] = ["Estream.Core", "Estream.Crypto", "Estream.Esf.Schema"],
        ["Estream.Esf.Generator"] = ["Estream.Esf.Schema"],
        ["Estream.Streams"] = ["Estream.Core", "Estream.Crypto", "Estream.Queue", "Estream.Map", "Estream.Esf"],
        ["Estream.Witness"] = ["Estream.Core", "Estream.Crypto", "Estream.Queue", "Estream.Map"],
        ["Estream.Circuits"] =
            ["Estream.Core", "Estream.Crypto", "Estream.Queue", "Estream.Map", "Estream.Esf", "Estream.Streams", "Estream.Witness"],
        ["Estream.Wire"] = ["Estream.Core", "Estream.Esf", "Estream.Queue"],
        ["Estream.Wire.Iso20022"] = ["Estream.Wire", "Estream.Circuits"],
        ["Estream.Wire.Tools"] =
            ["Estream.Wire.Fhir", "Estream.Wire.Fix", "Estream.Wire.Hl7", "Estream.Wire.Modbus", "Estream.Wire.Mqtt"],
        ["Estream.Net"] = ["Estream.Core", "Estream.Queue", "Estream.Wire"],
        ["Estream.Replication"] = ["Estream.Core", "Estream.Queue", "Estream.Circuits"],
        ["Estream.Fpga"] = ["Estream.Core", "Estream.Crypto", "Estream.Circuits"],
        ["Estream.Marketplace"] = ["Estream.Core", "Estream.Crypto", "Estream.Esf", "Estream.Circuits"],
        ["Estream.Marketplace.Server"] = ["Estream.Marketplace"],
    };

    private const string SchemaArea = "schemas";

    private static readonly string[] s_programs = ["Estream.Host", "Estream.Cli"];

    /// <summary>Optional packages that depend on a third-party library; the programs do not include them.</summary>
    private static readonly string[] s_optional = ["Estream.Crypto.BouncyCastle"];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        ProjectFile[] projects = [.. repository.Projects.Select(file => new ProjectFile(file))];
        return from project in projects
               from reference in project.References
               let target = projects.FirstOrDefault(candidate => candidate.File.Path == reference.Path)
               let complaint = target is null
                   ? $"refers to {reference.Path}, which does not exist"
                   : Complaint(project, target, reference.IsBuildOnly)
               where complaint is not null
               select new Violation(project.File.Path, 0, complaint);
    }

    private static string? Complaint(ProjectFile from, ProjectFile to, bool isBuildOnly)
    {
        if (from.Area == "src")
        {
            return SourceComplaint(from, to, isBuildOnly);
        }

        if (from.Area == SchemaArea)
        {
            return to.Name == "Estream.Esf" || isBuildOnly ? null : $"a schema pack may refer only to Estream.Esf, not to {to.Name}";
        }

        bool isForTests = from.Area == "tests" && (to.Name == "Estream.Testing" || from.Name == $"{to.Name}.Tests");
        return to.Area is "src" or SchemaArea || isForTests
            ? null
            : $"{from.Area} may refer to src and schemas (tests also to Estream.Testing and to the project in their name), not to "
                + $"{to.Name}";
    }

    private static string? SourceComplaint(ProjectFile from, ProjectFile to, bool isBuildOnly)
    {
        if (to.Area == SchemaArea && s_programs.Contains(from.Name))
        {
            return null;
        }

        if (to.Area != "src")
        {
            return $"src never refers to {to.Area}: remove the reference to {to.Name}";
        }

        if (isBuildOnly && (from.Name, to.Name) == ("Estream.Queue", "Estream.Analyzers"))
        {
            return null;
        }

        if (isBuildOnly && to.Name == "Estream.Esf.Generator")
        {
            return from.Name == "Estream.Esf" || Reaches(from.Name, "Estream.Esf")
                ? null
                : $"{from.Name} does not use Esf, so it needs no generator";
        }

        return Reaches(from.Name, to.Name)
            ? null
            : $"{from.Name} -> {to.Name} is not an arrow of the architecture (docs/ARCHITECTURE.md)";
    }

    private static bool Reaches(string from, string to)
    {
        if (s_programs.Contains(from))
        {
            return !s_programs.Contains(to) && !s_optional.Contains(to) && (from, to) != ("Estream.Cli", "Estream.Marketplace.Server");
        }

        string[] direct = Direct(from);
        return direct.Contains(to) || direct.Any(next => Reaches(next, to));
    }

    private static string[] Direct(string project)
    {
        if (s_allowed.TryGetValue(project, out string[]? known))
        {
            return known;
        }

        return project.StartsWith("Estream.Wire.", StringComparison.Ordinal) ? ["Estream.Wire", "Estream.Map"] : [];
    }
}
