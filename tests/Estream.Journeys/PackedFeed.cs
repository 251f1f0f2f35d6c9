using System.Xml.Linq;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The libraries as packages in a feed of their own, made once, and dotnet commands that restore from it.</summary>
public sealed class PackedFeed : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    private readonly TempDirectory _place = new();

    public PackedFeed()
    {
        foreach (string project in PackableProjects())
        {
            Run(RepositoryRoot.Path, packageFolder: null, "pack", project, "-c", BuiltProgram.Configuration, "--no-build", "-o", Path,
                "--nologo")
                .EnsureSuccess();
        }
    }

    /// <summary>The names of the packages, as their files say.</summary>
    public string[] Names =>
        [.. Directory.GetFiles(Path, "*.nupkg").Select(file => System.IO.Path.GetFileName(file)[..^$".{Version}.nupkg".Length])
            .Order(StringComparer.Ordinal)];

    /// <summary>The folder of the feed.</summary>
    public string Path => _place.Combine("feed");

    /// <summary>The version of the packages.</summary>
    public static string Version { get; } =
        XDocument.Load(RepositoryRoot.Combine("Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>
    /// Runs dotnet in an app outside the repository. Packages go to a folder of this feed's own: those under test have the
    /// same version as those of an earlier run.
    /// </summary>
    public ProcessResult Dotnet(string app, params string[] arguments) => Run(app, _place.Combine("packages"), arguments);

    public void Dispose() => _place.Dispose();

    private static IEnumerable<string> PackableProjects() => new[] { "src", "schemas" }
        .SelectMany(folder => Directory.GetDirectories(RepositoryRoot.Combine(folder)))
        .SelectMany(folder => Directory.GetFiles(folder, "*.csproj"))
        .Where(project => XDocument.Load(project).Descendants("IsPackable").Any(element => element.Value == "true"));

    private static ProcessResult Run(string directory, string? packageFolder, params string[] arguments) => ChildProcess.Run(
        "dotnet",
        arguments,
        directory,
        packageFolder is null
            ? new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1" }
            : new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1", ["NUGET_PACKAGES"] = packageFolder },
        s_limit);
}
