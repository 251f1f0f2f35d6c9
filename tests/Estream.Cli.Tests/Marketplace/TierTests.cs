using System.Text.Json.Nodes;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>The trust tier of a component, from the policy of its registry to the lock of a workspace.</summary>
public sealed class TierTests : IDisposable
{
    private const string Name = "@acme/doors";
    private const string Lowered = "@acme/doors 0.1.0 has the lower tier experimental in the policy of components.example.org/main instead "
        + "of verified";

    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_tier_that_falls_is_approved_again_and_does_not_rise_by_a_rollback()
    {
        await BeginAsync();
        await SetTierAsync("verified");
        Assert.Contains($"+ {Name} 0.1.0  from components.example.org/main, tier verified", (await InstallAsync(Name, "--yes")).Lines);

        await SetTierAsync("experimental");
        CliResult locked = await InstallAsync("--locked");
        Assert.Equal(ExitCode.No, locked.Code);
        Assert.Contains(Lowered, locked.Error, StringComparison.Ordinal);
        CliResult asked = await InstallAsync();
        Assert.Equal(ExitCode.No, asked.Code);
        Assert.Contains($"    needs approval: {Lowered}", asked.Lines);
        Assert.Equal("verified", Tier());

        Assert.Equal(ExitCode.Ok, (await InstallAsync("--yes")).Code);
        Assert.Equal("experimental", Tier());
        Assert.Equal(ExitCode.Ok, (await InstallAsync("--locked")).Code);
        Assert.Equal(ExitCode.Ok, (await RunAsync("rollback")).Code);
        Assert.Equal("experimental", Tier());
        Assert.Equal(ExitCode.Ok, (await InstallAsync("--locked")).Code);
    }

    private async Task BeginAsync()
    {
        await _rig.BeginAsync();
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(await _rig.PackAsync(await _rig.ScaffoldAsync("theme")))).Code);
        string root = Path.Combine(_rig.Registry, "public", "roles", "1.root.json");
        await _rig.OkAsync("init", _rig.At("workspace"), "--registry", "directory:" + Path.Combine(_rig.Registry, "public"), "--root",
            root);
    }

    private Task SetTierAsync(string tier) => _rig.OkAsync("registry", "policy", "--registry", _rig.Registry, "--tier", $"@acme/*={tier}",
        "--highest-tier", "verified");

    private string Tier() =>
        (string)JsonNode.Parse(File.ReadAllText(_rig.At("workspace/estream-workspace.lock")))!["components"]![0]!["tier"]!;

    private Task<CliResult> InstallAsync(params string[] args) => RunAsync("install", args);

    private Task<CliResult> RunAsync(string verb, params string[] args) =>
        _rig.RunAsync([verb, .. args, "--workspace", _rig.At("workspace"), "--cache", _rig.At("cache")]);
}
