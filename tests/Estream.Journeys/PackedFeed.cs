using System.Xml.Linq;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The packages that ./pack.sh creates, in a separate feed, and dotnet commands that restore from it.</summary>
public sealed class PackedFeed : IDisposable
{
    /// <summary>The package of the command line, a .NET tool.</summary>
    public const string Tool = "Estream.Cli";

    /// <summary>The package of templates for <c>dotnet new</c>.</summary>
    public const string Templates = "Estream.Templates";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    private readonly TempDirectory _place = new();

    public PackedFeed() =>
        ChildProcess.Run("bash", [RepositoryRoot.Combine("pack.sh"), "--no-build", Path], limit: s_limit).EnsureSuccess();

    /// <summary>The names of the packages with libraries.</summary>
    public string[] Names =>
        [.. Directory.GetFiles(Path, "*.nupkg").Select(file => System.IO.Path.GetFileName(file)[..^$".{Version}.nupkg".Length])
            .Except([Tool, Templates]).Order(StringComparer.Ordinal)];

    /// <summary>The folder of the feed.</summary>
    public string Path => _place.Combine("feed");

    /// <summary>The version of the packages.</summary>
    public static string Version { get; } =
        XDocument.Load(RepositoryRoot.Combine("Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>
    /// Runs dotnet in an app outside the repository, with a separate package cache: packages of earlier runs have the same version.
    /// </summary>
    public ProcessResult Dotnet(string app, params string[] arguments) => ChildProcess.Run(
        "dotnet",
        arguments,
        app,
        new Dictionary<string, string?>
        {
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["NUGET_PACKAGES"] = _place.Combine("packages"),
            ["DOTNET_CLI_HOME"] = _place.Combine("home"),
        },
        s_limit);

    /// <summary>Makes dotnet commands in a folder and below use the feed in addition to the public one.</summary>
    public void UseIn(string folder) => File.WriteAllText(
        System.IO.Path.Combine(folder, "nuget.config"),
        $"<configuration><packageSources><add key=\"journey\" value=\"{Path}\" /></packageSources></configuration>");

    public void Dispose() => _place.Dispose();
}

/// <summary>Tests that share one feed and run sequentially.</summary>
[CollectionDefinition(Name)]
public sealed class PackedFeedCollection : ICollectionFixture<PackedFeed>
{
    public const string Name = "packed feed";
}
