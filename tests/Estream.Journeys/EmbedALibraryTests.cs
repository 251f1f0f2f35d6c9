using System.Xml.Linq;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>
/// The path of somebody who embeds the libraries: packages, an empty app that knows nothing of this repository, a schema
/// of their own. Method: pack, restore from that feed and the ordinary one into a package folder of its own, run.
/// </summary>
public sealed class EmbedALibraryTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    private static readonly string[] s_packages = ["Estream.Core", "Estream.Queue", "Estream.Map", "Estream.Esf.Schema", "Estream.Esf"];

    [Fact]
    public void An_empty_app_takes_the_packages_compiles_its_schema_and_runs()
    {
        using TempDirectory place = new();
        string feed = place.Combine("feed");
        foreach (string package in s_packages)
        {
            Dotnet(RepositoryRoot.Path, place, "pack", $"src/{package}", "-c", BuiltProgram.Configuration, "--no-build", "-o", feed, "--nologo");
        }

        string app = WriteApp(place, feed);
        Dotnet(app, place, "build", "-c", "Release", "--nologo", "-v", "q");
        string assembly = Path.Combine(app, "bin", "Release", "net10.0", "app.dll");
        ProcessResult first = ChildProcess.Run("dotnet", [assembly, place.Combine("data")]).EnsureSuccess();

        Assert.Equal("10 meters; meter-7: True 1700000000000000997 249.25 Night\n", first.Output);
    }

    [Fact]
    public void A_mistake_in_a_schema_is_a_compiler_error_with_its_line()
    {
        using TempDirectory place = new();
        string feed = place.Combine("feed");
        foreach (string package in s_packages)
        {
            Dotnet(RepositoryRoot.Path, place, "pack", $"src/{package}", "-c", BuiltProgram.Configuration, "--no-build", "-o", feed, "--nologo");
        }

        string app = WriteApp(place, feed);
        string schema = Path.Combine(app, "meters.esf.yaml");
        File.WriteAllText(schema, File.ReadAllText(schema).Replace("type: timestamp", "type: timestmp", StringComparison.Ordinal));
        ProcessResult build = Run(app, place, "build", "-c", "Release", "--nologo", "-v", "q");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("meters.esf.yaml(14,", build.Output, StringComparison.Ordinal);
        Assert.Contains("timestamp", build.Output, StringComparison.Ordinal);
    }

    /// <summary>An app outside the repository, with a feed beside the ordinary one.</summary>
    private static string WriteApp(TempDirectory place, string feed)
    {
        string app = place.Combine("app");
        Directory.CreateDirectory(app);
        string source = Path.Combine(AppContext.BaseDirectory, "EmptyApp");
        File.Copy(Path.Combine(source, "Program.cs"), Path.Combine(app, "Program.cs"));
        File.Copy(Path.Combine(source, "meters.esf.yaml"), Path.Combine(app, "meters.esf.yaml"));
        string project = File.ReadAllText(Path.Combine(source, "App.csproj.txt")).Replace("VERSION", Version(), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(app, "app.csproj"), project);
        File.WriteAllText(
            Path.Combine(app, "nuget.config"),
            $"<configuration><packageSources><add key=\"journey\" value=\"{feed}\" /></packageSources></configuration>");
        return app;
    }

    private static string Version() =>
        XDocument.Load(RepositoryRoot.Combine("Directory.Build.props")).Descendants("Version").Single().Value;

    private static void Dotnet(string directory, TempDirectory place, params string[] arguments) => Run(directory, place, arguments).EnsureSuccess();

    private static ProcessResult Run(string directory, TempDirectory place, params string[] arguments) => ChildProcess.Run(
        "dotnet",
        arguments,
        directory,
        new Dictionary<string, string?>
        {
            // A package folder of its own: the packages under test have the version of those that came before them. What is
            // packed from the repository has to be found where the repository was restored.
            ["NUGET_PACKAGES"] = directory == RepositoryRoot.Path ? null : place.Combine("packages"),
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        },
        s_limit);
}
