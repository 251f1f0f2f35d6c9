namespace Estream.Scenarios.Harness;

/// <summary>Finds a program of this repository, so that a row can measure it as its users start it.</summary>
internal static class BuiltProgram
{
    // Programs of this repository are in REPOSITORY/FOLDER/PROJECT/bin/CONFIGURATION/FRAMEWORK, including this one.
    public static string Find(string project, string file)
    {
        DirectoryInfo framework = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        DirectoryInfo? repository = framework.Parent?.Parent?.Parent?.Parent?.Parent;
        string path = Path.Combine(
            repository?.FullName ?? "", "src", project, "bin", framework.Parent?.Name ?? "", framework.Name, file);
        return File.Exists(path)
            ? path
            : throw new ScenarioException($"the measured program is missing: {path}. Build src/{project} in the same configuration");
    }
}
