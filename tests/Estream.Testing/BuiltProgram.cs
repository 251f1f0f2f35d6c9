namespace Estream.Testing;

/// <summary>Finds a program of this repository in the configuration the running test was built in.</summary>
/// <remarks>
/// Tests start the host and the CLI as separate processes. Tests do not build them: `test.sh` builds the whole
/// solution once. A test that finds no program reports it instead of testing an outdated binary.
/// </remarks>
public static class BuiltProgram
{
    /// <summary>`Release` or `Debug`, read from the path of the running test.</summary>
    public static string Configuration { get; } =
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Debug"
            : "Release";

    /// <summary>The host's assembly; start it with `dotnet PATH`.</summary>
    public static string Host => Find("src/Estream.Host", "Estream.Host.dll");

    /// <summary>The assembly of the `estream` command line.</summary>
    public static string Cli => Find("src/Estream.Cli", "estream.dll");

    /// <summary>Returns the path of an assembly of the project in <paramref name="projectFolder"/> (relative to the root).</summary>
    /// <exception cref="FileNotFoundException">The project has not been built in this configuration.</exception>
    public static string Find(string projectFolder, string assemblyFile)
    {
        string path = Path.Combine(RepositoryRoot.Path, projectFolder, "bin", Configuration, "net10.0", assemblyFile);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException(
                $"{path} does not exist. Build it first: dotnet build {projectFolder} -c {Configuration}", path);
    }
}
