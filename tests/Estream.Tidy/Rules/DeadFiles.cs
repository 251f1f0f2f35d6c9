using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Requires that every file is used: by a project, a page that links to it, or a script that calls it.</summary>
internal static class DeadFiles
{
    private static readonly string[] s_entryPoints = ["run.sh", "test.sh", "estream", ".ci/run"];

    private static readonly string[] s_scriptExtensions = [".sh", ".py", ".mjs"];

    private static readonly string[] s_webExtensions = [".ts", ".tsx", ".css"];

    private static readonly string[] s_nativeExtensions = [".cpp", ".cc", ".hpp", ".h"];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        return UncompiledCode(repository)
            .Concat(ProjectsOutsideTheSolution(repository))
            .Concat(UnusedSchemas(repository))
            .Concat(repository.Files.Where(file => IsDeadScript(repository, file)).Select(
                file => new Violation(file.Path, 0, "no file names this script: call it, document it or delete it")))
            .Concat(repository.Files.Where(file => IsDeadPart(repository, file)).Select(
                file => new Violation(file.Path, 0, "no neighbouring file names this file: import it, build it or delete it")));
    }

    private static IEnumerable<Violation> UncompiledCode(Repository repository)
    {
        ProjectFile[] projects = [.. repository.Projects.Select(file => new ProjectFile(file))];
        return from file in repository.CSharpFiles
               where !projects.Any(project => Compiles(project, projects, file))
               select new Violation(file.Path, 0, "no project compiles this file");
    }

    private static bool Compiles(ProjectFile project, ProjectFile[] all, SourceFile file)
    {
        bool isIncluded = project.Items("Compile", "Include").Any(pattern => Covers(project, pattern, file));
        bool isRemoved = project.Items("Compile", "Remove").Any(pattern => Covers(project, pattern, file));
        bool isNearest = file.IsUnder(project.File.Folder)
            && !all.Any(other => other.File.Folder.Length > project.File.Folder.Length && file.IsUnder(other.File.Folder));

        // Sources that are test data are removed from the compilation and copied or embedded instead.
        string[] asData = ["None", "Content", "EmbeddedResource", "AdditionalFiles"];
        bool isData = asData.SelectMany(type => project.Items(type, "Include")).Any(pattern => Covers(project, pattern, file));
        return isIncluded || isData || (isNearest && !isRemoved);
    }

    private static bool Covers(ProjectFile project, string pattern, SourceFile file)
    {
        int star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star < 0
            ? project.Resolve(pattern) == file.Path
            : file.Path.StartsWith(project.Resolve(pattern[..star] + "x")[..^1], StringComparison.Ordinal)
                && file.Path.EndsWith(pattern[(pattern.LastIndexOf('*') + 1)..], StringComparison.Ordinal);
    }

    private static IEnumerable<Violation> ProjectsOutsideTheSolution(Repository repository)
    {
        string solution = repository.Find("Estream.sln")?.Text.Replace('\\', '/') ?? "";
        return from project in repository.Projects
               where !solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal)
               select new Violation(project.Path, 0, "not in Estream.sln, so no build includes it: add it with dotnet sln add");
    }

    private static IEnumerable<Violation> UnusedSchemas(Repository repository)
    {
        ProjectFile[] projects = [.. repository.Projects.Select(file => new ProjectFile(file))];
        string[] itemTypes = ["AdditionalFiles", "EmbeddedResource", "None", "Content", "EsfSchema"];
        return from file in repository.Files
               where file.Path.EndsWith(".esf.yaml", StringComparison.Ordinal)

               // These components have no project: their manifests include the schemas, and lint reports a missing schema.
               where !file.IsUnder("components")
               where !projects.Any(project => file.IsUnder(project.File.Folder))
               where !projects.Any(project => itemTypes.SelectMany(type => project.Items(type, "Include"))
                   .Any(pattern => Covers(project, pattern, file)))
               select new Violation(file.Path, 0, "no project includes this schema");
    }

    private static bool IsDeadScript(Repository repository, SourceFile file)
    {
        bool isScript = s_scriptExtensions.Contains(file.Extension) || file.Text.StartsWith("#!", StringComparison.Ordinal);
        return isScript
            && !s_entryPoints.Contains(file.Path)
            && !repository.Files.Any(other => other != file && other.Text.Contains(file.Name, StringComparison.Ordinal));
    }

    // A part is a file that only other files of its own tree can use: a module, a style sheet, a native source.
    private static bool IsDeadPart(Repository repository, SourceFile file)
    {
        bool isWeb = s_webExtensions.Contains(file.Extension);
        bool isNative = s_nativeExtensions.Contains(file.Extension);
        if ((!isWeb && !isNative) || file.Name.EndsWith(".d.ts", StringComparison.Ordinal)
            || file.Name.Contains(".config.", StringComparison.Ordinal)
            || file.Name.Contains(".test.", StringComparison.Ordinal))
        {
            return false;
        }

        string top = file.Path.Split('/')[0];
        string name = isWeb && file.Extension != ".css" ? Path.GetFileNameWithoutExtension(file.Name) : file.Name;
        return !repository.Files.Any(
            other => other != file && other.IsUnder(top) && other.Text.Contains("/" + name, StringComparison.Ordinal)
                || other != file && other.Name == "CMakeLists.txt" && other.Text.Contains(name, StringComparison.Ordinal)
                || other != file && s_nativeExtensions.Contains(other.Extension)
                    && other.Text.Contains($"\"{name}\"", StringComparison.Ordinal));
    }
}
