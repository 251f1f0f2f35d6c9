using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of a developer who installs the command line as a .NET tool.</summary>
[Collection(PackedFeedCollection.Name)]
public sealed class ToolTests(PackedFeed feed)
{
    [Fact]
    public void Installed_tool_creates_and_checks_a_component()
    {
        using TempDirectory place = new();
        string tools = place.Combine("tools"), component = place.Combine("busy");

        feed.Dotnet(place.Path, "tool", "install", PackedFeed.Tool, "--tool-path", tools, "--add-source", feed.Path, "--version",
            PackedFeed.Version).EnsureSuccess();

        Assert.StartsWith(PackedFeed.Version, Run(place, "--version"), StringComparison.Ordinal);
        Run(place, "init", "--template", "smart-circuit", "--name", "@acme/busy", component);
        Run(place, "marketplace", "test", component);
        Assert.Contains("Estream.Host", ChildProcess.Run(Tool(place), ["host", "run"], place.Path).Error, StringComparison.Ordinal);
    }

    private static string Tool(TempDirectory place) => place.Combine("tools", "estream");

    private static string Run(TempDirectory place, params string[] arguments) =>
        ChildProcess.Run(Tool(place), arguments, place.Path).EnsureSuccess().Output;
}
