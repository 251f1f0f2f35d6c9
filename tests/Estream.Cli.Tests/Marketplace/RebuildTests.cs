using System.Text.Json;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Rebuild attestations: written only for an identical rebuild, and verified by others.</summary>
public sealed class RebuildTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    private string Statement => _rig.At("doors.rebuild.dsse.json");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task An_identical_rebuild_is_attested_and_the_attestation_verifies()
    {
        string folder = await _rig.ScaffoldAsync("theme"), package = await _rig.PackAsync(folder),
        key = await _rig.NewKeyAsync("rebuilder.key");
        CliResult made = await _rig.OkAsync("rebuild", package, "--from", folder, "--key", key, "--attestation", Statement, "--source",
            $"git+https://example.org/doors#{new string('a', 40)}");
        Assert.EndsWith($", attested in {Statement}", Assert.Single(made.Lines), StringComparison.Ordinal);
        CliResult verified = await _rig.OkAsync("rebuild", package, "--attested", Statement, "--by", key + ".pub", "--json");
        JsonElement said = JsonDocument.Parse(Assert.Single(verified.Lines)).RootElement;
        Assert.True(said.GetProperty("same").GetBoolean());
        Assert.Equal(64, Assert.Single(said.GetProperty("rebuilders").EnumerateArray()).GetString()!.Length);
        Assert.Contains(" was rebuilt and is identical: root256 ",
            (await _rig.OkAsync("rebuild", package, "--attested", Statement, "--by", key + ".pub")).Output, StringComparison.Ordinal);

        string stranger = await _rig.NewKeyAsync("stranger.key");
        (await _rig.RunAsync("rebuild", package, "--attested", Statement, "--by", stranger + ".pub")).AssertFailed(ExitCode.No,
            "does not prove that", "none of the given keys has signed it");
        File.AppendAllText(Path.Combine(folder, "theme.css"), "/* a */\n");
        string other = await _rig.PackAsync(folder, "other.escx");
        (await _rig.RunAsync("rebuild", other, "--attested", Statement, "--by", key + ".pub")).AssertFailed(ExitCode.No,
            "it describes other files", "Rebuild the package yourself");
    }

    [Fact]
    public async Task A_rebuild_with_differences_is_not_attested()
    {
        string folder = await _rig.ScaffoldAsync("theme"), package = await _rig.PackAsync(folder),
        key = await _rig.NewKeyAsync("rebuilder.key");
        File.AppendAllText(Path.Combine(folder, "theme.css"), "/* a */\n");
        CliResult differs = await _rig.RunAsync("rebuild", package, "--from", folder, "--key", key, "--attestation", Statement);
        Assert.Equal(ExitCode.No, differs.Code);
        Assert.EndsWith($"; {Statement} was not written", differs.Lines[^1], StringComparison.Ordinal);
        Assert.False(File.Exists(Statement));
    }

    [Theory]
    [InlineData("doors.escx", "Give either --from FOLDER with the sources, or --attested FILE")]
    [InlineData("doors.escx --from a --attested b --by c", "Give either --from FOLDER with the sources, or --attested FILE")]
    [InlineData("doors.escx --from a --attestation b", "--attestation FILE and --key KEY require each other")]
    [InlineData("doors.escx --from a --key b", "--attestation FILE and --key KEY require each other")]
    [InlineData("doors.escx --attested b", "--attested FILE and --by KEY.pub require each other")]
    [InlineData("doors.escx --from a --by b", "--attested FILE and --by KEY.pub require each other")]
    [InlineData("doors.escx --attested b --by c --attestation d --key e", "--attestation requires --from FOLDER")]
    public async Task Incompatible_arguments_are_rejected_with_the_reason(string words, string part) =>
        (await _rig.RunAsync(["rebuild", .. words.Split(' ')])).AssertFailed(ExitCode.Failed, part);
}
