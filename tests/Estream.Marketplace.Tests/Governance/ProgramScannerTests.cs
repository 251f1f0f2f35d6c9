using System.Text;
using Estream.Core;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Publishing;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>Scanner programs named in the settings of a registry: exit code 0 means no finding, 1 means a finding, and any other end is not
/// a pass.</summary>
public sealed class ProgramScannerTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("grep -q 'a {}' \"$1\" || exit 7; exit 0", CheckOutcome.Passed, "")]
    [InlineData("echo found: a virus; exit 1", CheckOutcome.Failed, "found: a virus")]
    [InlineData("exit 1", CheckOutcome.Failed, "without a description")]
    [InlineData("echo no database >&2; exit 2", CheckOutcome.Error, "exited with code 2: no database")]
    [InlineData("kill -9 $$", CheckOutcome.Error, "exited with code 137")]
    [InlineData("exec sleep 600", CheckOutcome.Error, "gave no result within")]
    [InlineData("yes | head -c 3000000; exit 0", CheckOutcome.Passed, "")]
    public async Task Scanner_result_follows_the_exit_code(string script, CheckOutcome outcome, string told)
    {
        string program = _folder.Combine("scan.sh");
        File.WriteAllText(program, script + "\n");
        using OperatorRig rig = await OperatorRig.CreateAsync();
        int seconds = script.Contains("sleep", StringComparison.Ordinal) ? 1 : 300;
        File.WriteAllText(Path.Combine(rig.Folder, PublishSettings.FileName),
            $$"""{ "scanSeconds": {{seconds}}, "scanners": [ { "name": "clam", "command": ["/bin/sh", "{{program}}", "{package}"] } ] }""");
        using RegistryOperator registry = await rig.OpenAsync(PublishSettings.Read(rig.Folder));
        SignedRelease release = rig.Sign(OperatorRig.Package());
        if (outcome == CheckOutcome.Failed)
        {
            EstreamRegistryException refused =
                await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.PublishAsync(release, null, CancellationToken.None));
            Assert.Contains(told, refused.Message, StringComparison.Ordinal);
            return;
        }

        CheckFinding scan = Assert.Single((await registry.PublishAsync(release, null, CancellationToken.None)).Decision!.Checks,
            check => check.Name == "scanner:clam");
        Assert.Equal(outcome, scan.Outcome);
        Assert.Contains(told, scan.Reason, StringComparison.Ordinal);
        Assert.Equal(outcome == CheckOutcome.Passed ? 0 : 1, registry.Pending().Count);
    }

    [Fact]
    public async Task Scanner_with_a_missing_program_does_not_pass()
    {
        ProgramScanner scanner = new("clam", ["/nowhere/scan", ProgramScanner.PackageMark]);
        EstreamStorageException missing =
            await Assert.ThrowsAsync<EstreamStorageException>(() => scanner.ScanAsync("x"u8.ToArray(), CancellationToken.None));
        Assert.Contains("/nowhere/scan", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"scaners\":[]}", "/scaners")]
    [InlineData("{\"scanners\":[{\"name\":\"clam\",\"command\":[\"clamscan\"]}]}", "{package}")]
    [InlineData("{\"scanners\":[{\"name\":\"Clam\",\"command\":[\"clamscan\",\"{package}\"]}]}", "/scanners/0")]
    [InlineData("{\"scanners\":[{\"name\":\"a\",\"command\":[\"b\",\"{package}\"]},{\"name\":\"a\",\"command\":[\"c\",\"{package}\"]}]}",
        "/scanners/1")]
    [InlineData("{\"releasesADay\":0}", "/releasesADay")]
    [InlineData("{\"scanSeconds\":100000}", "/scanSeconds")]
    [InlineData("[]", "object")]
    [InlineData("{", "")]
    public async Task Settings_with_an_error_are_refused(string text, string part)
    {
        Assert.False(PublishSettings.TryRead(Encoding.UTF8.GetBytes(text), out _, out string? reason));
        Assert.Contains(part, reason, StringComparison.Ordinal);
        using OperatorRig rig = await OperatorRig.CreateAsync();
        File.WriteAllText(Path.Combine(rig.Folder, PublishSettings.FileName), text);
        Assert.Throws<EstreamFormatException>(() => PublishSettings.Read(rig.Folder));
    }

    [Fact]
    public void Missing_settings_have_their_defaults()
    {
        Assert.True(PublishSettings.TryRead("{\"releasesADay\":7}"u8, out PublishOptions? options, out _));
        Assert.Equal((7, 0, TimeSpan.FromMinutes(2)), (options.MostADay, options.Scanners.Count, options.ScanTime));
        Assert.Equal(PublishOptions.DefaultMostADay, PublishSettings.Read(_folder.Path).MostADay);
        Assert.Throws<ArgumentException>(() => new ProgramScanner("clam", ["clamscan", "--all"]));
    }
}
