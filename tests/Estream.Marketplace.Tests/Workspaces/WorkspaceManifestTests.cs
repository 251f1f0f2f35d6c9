using System.Text;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>Reading workspace files.</summary>
public sealed class WorkspaceManifestTests
{
    private const string Whole =
        """
        [workspace]
        name = "plant-7"

        [components]
        esf-iot = "^1"
        "@acme/thermal" = "~2.1 || 3.0.0-rc.1"

        [schemas]
        requires = ["IoTTelemetry"]

        [registries]
        default = "https://components.example"
        "@acme" = "directory:/srv/components"
        "*" = "https://others.example"

        [engines]
        host = "1.4.0"

        [resolution]
        pre-releases = ["@acme/thermal"]

        [cooldown]
        hours = 72
        exempt = ["esf-iot"]

        [license]
        tier = "source-available"
        """;

    [Fact]
    public void Read_returns_all_sections()
    {
        WorkspaceReadResult result = WorkspaceManifest.Read(Encoding.UTF8.GetBytes(Whole));
        Assert.Empty(result.Errors);
        WorkspaceManifest manifest = result.Manifest!;
        Assert.Equal("plant-7", manifest.Name);
        Assert.Equal(["esf-iot ^1", "@acme/thermal ~2.1 || 3.0.0-rc.1"],
            manifest.Requirements.Select(requirement => requirement.ToString()));
        Assert.Equal(["IoTTelemetry"], manifest.RequiredSchemas);
        Assert.Equal(["https://components.example", "directory:/srv/components", "https://others.example"],
            new[] { "", "@acme", "*" }.Select(scope => manifest.Registries[scope]));
        Assert.Equal("1.4.0", manifest.Engines["host"].ToString());
        Assert.Equal(TimeSpan.FromHours(72), manifest.Policy.MinimumReleaseAge);
        Assert.Equal("esf-iot", Assert.Single(manifest.Policy.CooldownExempt).ToString());
        Assert.Equal("@acme/thermal", Assert.Single(manifest.Policy.PreReleases).ToString());
        Assert.Equal(LicenseTier.SourceAvailable, manifest.Policy.LicenseTier);
    }

    [Theory]
    [InlineData("name = \"x\"", "1:1", "is outside a table")]
    [InlineData("[component]", "1:2", "no table [component]")]
    [InlineData("[components]\nEsf = \"1\"", "2:1", "is not a valid component name")]
    [InlineData("[components]\nesf = \"1.x\"", "2:7", "is not a valid version range")]
    [InlineData("[components]\nesf = 1", "2:7", "must be a string")]
    [InlineData("[cooldown]\ndays = 3", "2:1", "no key 'days'")]
    [InlineData("[cooldown]\nhours = -1", "2:9", "whole number")]
    [InlineData("[cooldown]\nexempt = \"esf\"", "2:10", "list")]
    [InlineData("[registries]\nacme = \"x\"", "2:1", "is not a valid scope")]
    [InlineData("[engines]\nhost = \"1\"", "2:8", "is not a valid version")]
    [InlineData("[license]\ntier = \"free\"", "2:8", "open-source")]
    [InlineData("[schemas]\nrequires = [1]", "2:12", "list")]
    [InlineData("[resolution]\npre-releases = [\"E\"]", "2:16", "is not a valid component name")]
    [InlineData("[components\n", "1:12", "")]
    public void Read_reports_errors_with_their_position(string text, string place, string message)
    {
        WorkspaceReadResult result = WorkspaceManifest.Read(Encoding.UTF8.GetBytes(text));
        Assert.Null(result.Manifest);
        WorkspaceError mistake = Assert.Single(result.Errors);
        Assert.Equal(place, $"{mistake.Position.Line}:{mistake.Position.Column}");
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_keeps_locked_versions_except_updated_ones()
    {
        WorkspaceManifest manifest = WorkspaceManifest.Read(Encoding.UTF8.GetBytes("[components]\ngateway = \"^1\"")).Manifest!;
        WorkspaceLock kept = Locks.Of("gateway 1.0.0", "esf-iot 1.0.0");
        Assert.Equal(2, manifest.ToRequest(kept).Preferred.Count);
        Assert.Equal("esf-iot",
            Assert.Single(
                manifest.ToRequest(kept, new HashSet<ComponentName> { ComponentName.Parse("gateway") }).Preferred).Key.ToString());
        Assert.Empty(manifest.ToRequest(null).Preferred);
    }
}
