using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of a developer who begins with a template: of <c>dotnet new</c>, or of <c>estream init</c>. What it creates works
/// with the packed packages, outside this repository.</summary>
[Collection(PackedFeedCollection.Name)]
public sealed class TemplatesTests(PackedFeed feed)
{
    [Fact]
    public void Templates_of_dotnet_new_build_and_work()
    {
        using TempDirectory place = new();
        feed.UseIn(place.Path);
        string package = Path.Combine(feed.Path, $"{PackedFeed.Templates}.{PackedFeed.Version}.nupkg");
        feed.Dotnet(place.Path, "new", "install", package).EnsureSuccess();

        string queue = New(place, "estream-queue");
        Build(queue);
        ProcessResult run = ChildProcess.Run("dotnet", [Path.Combine(queue, "bin", "Release", "net10.0", "estream-queue.dll")], queue);
        Assert.Equal("10 messages were read; 2 devices\n", run.EnsureSuccess().Output);

        string host = New(place, "estream-host");
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "host", "check", "--config", "estream.json"], host,
            new Dictionary<string, string?> { ["ESTREAM_HOST_PROGRAM"] = BuiltProgram.Host }).EnsureSuccess();

        string adapter = New(place, "estream-adapter", "--name", "Gates", "--owner", "acme");
        Build(adapter);
        Assert.True(File.Exists(Path.Combine(adapter, "lib", "Gates.dll")));
        Assert.Contains("name = \"@acme/gates\"\n", File.ReadAllText(Path.Combine(adapter, "estream-component.toml")),
            StringComparison.Ordinal);
        Marketplace(adapter, "pack");

        Marketplace(New(place, "estream-circuit"), "test");
        Marketplace(New(place, "estream-widget"), "pack");
    }

    [Fact]
    public void Adapter_of_estream_init_builds_with_the_packages()
    {
        using TempDirectory place = new();
        string adapter = place.Combine("gates");
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "init", "--template", "wire-adapter", "--name", "@acme/gates", adapter])
            .EnsureSuccess();
        feed.UseIn(place.Path);

        Build(adapter);

        Marketplace(adapter, "pack");
    }

    private string New(TempDirectory place, string template, params string[] arguments)
    {
        feed.Dotnet(place.Path, ["new", template, "--output", template, .. arguments]).EnsureSuccess();
        return place.Combine(template);
    }

    private void Build(string project) => feed.Dotnet(project, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();

    private static void Marketplace(string component, string command)
    {
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "marketplace", "lint", component], component).EnsureSuccess();
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "marketplace", command, component], component).EnsureSuccess();
    }
}
