using System.Xml.Linq;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The libraries as packages in a feed of their own, made once, and dotnet commands that restore from it.</summary>
public sealed class PackedFeed : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    private static readonly string[] s_packages = ["Estream.Core", "Estream.Queue", "Estream.Map", "Estream.Esf.Schema", "Estream.Esf"];

    private readonly TempDirectory _place = new();

    public PackedFeed()
    {
        foreach (string package in s_packages)
        {
            Run(RepositoryRoot.Path, packageFolder: null, "pack", $"src/{package}", "-c", BuiltProgram.Configuration, "--no-build", "-o", Path, "--nologo")
                .EnsureSuccess();
        }
    }

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

    private static ProcessResult Run(string directory, string? packageFolder, params string[] arguments) => ChildProcess.Run(
        "dotnet",
        arguments,
        directory,
        packageFolder is null
            ? new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1" }
            : new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1", ["NUGET_PACKAGES"] = packageFolder },
        s_limit);
}
