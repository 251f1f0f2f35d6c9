using Estream.Testing;

namespace Estream.Journeys;

/// <summary>
/// The path of somebody who embeds the libraries: packages, an empty app that knows nothing of this repository, a schema
/// of their own. Method: pack, restore from that feed and the ordinary one, build, run.
/// </summary>
public sealed class EmbedALibraryTests(PackedFeed feed) : IClassFixture<PackedFeed>
{
    [Fact]
    public void An_empty_app_takes_the_packages_compiles_its_schema_and_runs()
    {
        using TempDirectory place = new();
        string app = WriteApp(place);

        feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();
        string assembly = Path.Combine(app, "bin", "Release", "net10.0", "app.dll");
        ProcessResult run = ChildProcess.Run("dotnet", [assembly, place.Combine("data")]).EnsureSuccess();

        Assert.Equal("10 meters; meter-7: True 1700000000000000997 249.25 Night\n", run.Output);
    }

    [Fact]
    public void A_mistake_in_a_schema_is_a_compiler_error_with_its_line()
    {
        using TempDirectory place = new();
        string app = WriteApp(place);
        string schema = Path.Combine(app, "meters.esf.yaml");
        File.WriteAllText(schema, File.ReadAllText(schema).Replace("type: timestamp", "type: timestmp", StringComparison.Ordinal));

        ProcessResult build = feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("meters.esf.yaml(14,", build.Output, StringComparison.Ordinal);
        Assert.Contains("timestamp", build.Output, StringComparison.Ordinal);
    }

    /// <summary>An app outside the repository, with the feed beside the ordinary one.</summary>
    private string WriteApp(TempDirectory place)
    {
        string app = place.Combine("app");
        Directory.CreateDirectory(app);
        string source = Path.Combine(AppContext.BaseDirectory, "EmptyApp");
        File.Copy(Path.Combine(source, "Program.cs"), Path.Combine(app, "Program.cs"));
        File.Copy(Path.Combine(source, "meters.esf.yaml"), Path.Combine(app, "meters.esf.yaml"));
        string project = File.ReadAllText(Path.Combine(source, "App.csproj.txt"));
        File.WriteAllText(Path.Combine(app, "app.csproj"), project.Replace("VERSION", PackedFeed.Version, StringComparison.Ordinal));
        File.WriteAllText(
            Path.Combine(app, "nuget.config"),
            $"<configuration><packageSources><add key=\"journey\" value=\"{feed.Path}\" /></packageSources></configuration>");
        return app;
    }
}
