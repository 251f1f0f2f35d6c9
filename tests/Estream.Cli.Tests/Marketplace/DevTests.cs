using System.Security.Cryptography;
using Estream.Marketplace;
using Estream.Marketplace.Registries;
using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Development of a component: each change is a release in a registry that only this machine uses. Also tests the generated
/// page of a component.</summary>
public sealed class DevTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Each_change_becomes_a_release_that_only_this_machine_trusts()
    {
        string folder = await _rig.ScaffoldAsync("smart-circuit"), local = _rig.At("local");
        (await _rig.RunAsync("dev", folder, "--registry", Path.Combine(folder, "local"), "--once")).AssertFailed(ExitCode.Failed,
            "Choose a folder outside");
        await _rig.OkAsync("dev", folder, "--registry", local, "--once");
        PublisherRig.Replace(Path.Combine(folder, "doors.circuit.yaml"), "count > 100", "count > 1000");
        Assert.Equal(ExitCode.No, (await _rig.RunAsync("dev", folder, "--registry", local, "--once")).Code);
        Assert.Equal(["0.1.0-dev.1"], await VersionsAsync(local));
        PublisherRig.Replace(Path.Combine(folder, "doors.circuit.yaml"), "count > 1000", "count >= 101");
        Assert.Contains("@acme/doors 0.1.0-dev.2 is published", (await _rig.OkAsync("dev", folder, "--registry", local, "--once")).Output,
            StringComparison.Ordinal);
        Assert.Equal(["0.1.0-dev.1", "0.1.0-dev.2"], await VersionsAsync(local));
        await _rig.BeginAsync();
        (await _rig.RunAsync("dev", folder, "--registry", _rig.Registry, "--once")).AssertFailed(ExitCode.Failed,
            "which 'estream marketplace dev' did not create");
    }

    [Fact]
    public async Task Dev_watches_until_it_is_stopped()
    {
        string folder = await _rig.ScaffoldAsync("theme"), local = _rig.At("local");
        using CancellationTokenSource end = new();
        Task<CliResult> running = _rig.RunUntilAsync(end.Token, "dev", folder, "--registry", local);
        await Eventually.TrueAsync(async () => (await VersionsAsync(local)).Length == 1, "the component is published");
        File.AppendAllText(Path.Combine(folder, "theme.css"), "/* a */\n");
        await Eventually.TrueAsync(async () => (await VersionsAsync(local)).Length >= 2, "the change is published");
        await end.CancelAsync();
        CliResult result = await running;
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
    }

    [Fact]
    public async Task Docs_prints_a_page_with_the_content_of_manifest_and_schemas()
    {
        string folder = await _rig.ScaffoldAsync("esf-schema");
        string page = (await _rig.OkAsync("docs", folder)).Output;
        Assert.StartsWith("# @acme/doors 0.1.0\n\nMessages of doors\n", page, StringComparison.Ordinal);
        Assert.Contains("| `count` | `u64` | optional |", page, StringComparison.Ordinal);
        await _rig.OkAsync("docs", folder, "--out", _rig.At("page.md"));
        Assert.Equal(page, File.ReadAllText(_rig.At("page.md")));
        string circuit = (await _rig.OkAsync("docs", await _rig.ScaffoldAsync("smart-circuit"))).Output;
        Assert.Contains("- read the queue 'door-moves' (`queue:read.door-moves`)", circuit, StringComparison.Ordinal);
        Assert.Contains("- host >=0.1", circuit, StringComparison.Ordinal);
        PublisherRig.Replace(Path.Combine(folder, "estream-component.toml"), "Messages of doors", "Messages of <b>doors</b>");
        Assert.Contains("\\<b\\>", (await _rig.OkAsync("docs", folder)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Docs_and_lint_check_the_keys_of_a_card_circuit()
    {
        string folder = await _rig.ScaffoldAsync("fpga-circuit");
        string manifest = Path.Combine(folder, "estream-component.toml");
        Directory.CreateDirectory(Path.Combine(folder, "bitstreams"));
        File.WriteAllText(Path.Combine(folder, "bitstreams", "u250.bit"), "bits");
        PublisherRig.Replace(manifest, "[component.engines]",
            "[[component.fpga.bitstreams]]\ndevice = \"xcu250\"\nfile = \"bitstreams/u250.bit\"\n\n[component.engines]");
        string page = (await _rig.OkAsync("docs", folder)).Output;
        Assert.Contains("| Top module | doors in rtl/doors.sv |\n| Clock | 250 MHz |", page, StringComparison.Ordinal);
        Assert.Contains($"| Bitstream for xcu250 | bitstreams/u250.bit, SHA-256 {Convert.ToHexStringLower(SHA256.HashData("bits"u8))} |",
            page, StringComparison.Ordinal);

        PublisherRig.Replace(manifest, "top = \"doors\"", "top = \"gates\"");
        CliResult refused = await _rig.RunAsync("lint", folder);
        Assert.Equal(ExitCode.No, refused.Code);
        Assert.Contains("error MAN015: 'top' is the module 'gates', which no file of 'rtl' declares", refused.Output,
            StringComparison.Ordinal);
        PublisherRig.Replace(manifest, "[component.engines]",
            "[[component.fpga.bitstreams]]\ndevice = \"xcu250\"\nfile = \"bitstreams/u250.bit\"\n\n[component.engines]");
        Assert.Contains("error MAN013", (await _rig.RunAsync("lint", folder)).Output, StringComparison.Ordinal);
    }

    private static async Task<string[]> VersionsAsync(string local) =>
        [.. (await new DirectoryRegistry(Path.Combine(local, "public")).ListAsync(ComponentName.Parse("@acme/doors"),
            CancellationToken.None)).Select(release => release.Version.ToString())];
}
