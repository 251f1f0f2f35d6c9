using System.Text.Json;
using Estream.Marketplace;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>What waits on the command line: it is listed, approved, decided again, and on no way published without being looked
/// at.</summary>
public sealed class ApproveTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_release_waits_until_as_many_have_approved_as_the_policy_asks_for()
    {
        await _rig.BeginAsync();
        string first = await _rig.NewKeyAsync("first.key"), second = await _rig.NewKeyAsync("second.key");
        await AskAsync("theme", "2", first, second);
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        CliResult waits = await _rig.PublishAsync(package);
        Assert.Equal(ExitCode.No, waits.Code);
        Assert.Contains("@acme/doors 0.1.0 waits in components.example.org/main, and is not published", waits.Output,
            StringComparison.Ordinal);
        Assert.Contains("0 of 2 reviewers have approved", waits.Output, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());

        CliResult pending = await PendingAsync("--json");
        Assert.Equal(ExitCode.No, pending.Code);
        string digest = JsonDocument.Parse(Assert.Single(pending.Lines)).RootElement.GetProperty("release").GetString()!;
        (await ApproveAsync("@acme/doors@0.1.0", _rig.Key)).AssertFailed(ExitCode.No, "Nobody has signed who may approve");
        (await ApproveAsync("@acme/doors@0.1.1", first)).AssertFailed(ExitCode.No, "no release '@acme/doors@0.1.1' waits");
        Assert.Contains("1 of 2 reviewers", (await ApproveAsync(digest, first)).Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 reviewers", (await ApproveAsync(digest, first)).Output, StringComparison.Ordinal);
        Assert.Contains("is published in components.example.org/main, entry 1", (await ApproveAsync("@acme/doors@0.1.0", second)).Output,
            StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await PendingAsync()).Code);
        Assert.Equal("0.1.0", Assert.Single(await ListAsync()).Version.ToString());
    }

    [Fact]
    public async Task A_reviewer_elsewhere_signs_the_package_they_were_given()
    {
        await _rig.BeginAsync();
        string reviewer = await _rig.NewKeyAsync("reviewer.key"), approval = _rig.At("approval.json");
        await AskAsync("theme", "1", reviewer);
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        await _rig.PublishAsync(package);
        (await _rig.RunAsync("approve", package, "--key", reviewer, "--out", approval)).AssertFailed(ExitCode.No, "is no signed package");
        string given =
            Assert.Single(Directory.GetFiles(Path.Combine(_rig.Registry, "pending"), "package.escx", SearchOption.AllDirectories));
        await _rig.OkAsync("approve", given, "--key", reviewer, "--out", approval);
        Assert.True(DsseEnvelope.TryRead(File.ReadAllBytes(approval), ReleaseApproval.MaxBytes, out DsseEnvelope? envelope, out _));
        Assert.Equal("application/vnd.estream.approval.v1+json", envelope.PayloadType);
        CliResult handed = await _rig.OkAsync("approve", "@acme/doors@0.1.0", "--signed", approval, "--registry", _rig.Registry, "--json");
        Assert.Equal("Published", JsonDocument.Parse(Assert.Single(handed.Lines)).RootElement.GetProperty("outcome").GetString());
        (await _rig.RunAsync("approve", "@acme/doors@0.1.0", "--registry", _rig.Registry)).AssertFailed(ExitCode.Failed,
            "approve by --key KEY");
        (await _rig.RunAsync("approve", "@acme/doors@0.1.0", "--key", reviewer)).AssertFailed(ExitCode.Failed, "name the registry");
    }

    [Fact]
    public async Task What_a_scanner_could_not_say_is_decided_again()
    {
        await _rig.BeginAsync();
        string program = _rig.At("scan.sh"), package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        File.WriteAllText(program, "exit 9\n");
        File.WriteAllText(Path.Combine(_rig.Registry, "publishing.json"),
            $$"""{ "scanners": [ { "name": "clam", "command": ["/bin/sh", "{{program}}", "{package}"] } ] }""");
        CliResult waits = await _rig.PublishAsync(package);
        Assert.Contains("scanner:clam could not say", waits.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.No, (await PendingAsync("--retry")).Code);
        Assert.Empty(await ListAsync());
        File.WriteAllText(program, "echo a virus; exit 1\n");
        CliResult refused = await PendingAsync("--retry");
        Assert.Equal(ExitCode.No, refused.Code);
        Assert.Contains("is refused by", refused.Output, StringComparison.Ordinal);
        Assert.Contains("a virus", refused.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await PendingAsync()).Code);
        File.WriteAllText(program, "exit 0\n");
        Assert.Equal(ExitCode.Ok, (await _rig.PublishAsync(package)).Code);
        File.WriteAllText(Path.Combine(_rig.Registry, "publishing.json"), "{ \"scaners\": [] }");
        (await _rig.PublishAsync(package)).AssertFailed(ExitCode.Failed, "/scaners");
    }

    [Fact]
    public async Task A_dev_registry_looks_at_what_it_takes_too()
    {
        string folder = await _rig.ScaffoldAsync("console-widget"), registry = _rig.At("dev");
        await _rig.OkAsync("dev", folder, "--registry", registry, "--once");
        File.AppendAllText(Path.Combine(folder, "dist", "index.js"), "\neval('1');\n");
        CliResult refused = await _rig.RunAsync("dev", folder, "--registry", registry, "--once");
        Assert.Equal(ExitCode.No, refused.Code);
        Assert.Contains("csp_violation", refused.Error, StringComparison.Ordinal);
        Assert.Single(
            await new DirectoryRegistry(Path.Combine(registry, "public")).ListAsync(ComponentName.Parse("@acme/doors"),
                CancellationToken.None));
    }

    [Fact]
    public async Task A_policy_is_shown_and_changed_by_the_key_of_targets_alone()
    {
        await _rig.BeginAsync();
        string reviewer = await _rig.NewKeyAsync("reviewer.key");
        await AskAsync("wire-adapter", "1", reviewer);
        CliResult shown = await _rig.OkAsync("registry", "policy", "--registry", _rig.Registry, "--category", "wire-adapter", "--json");
        Assert.Equal(1, JsonDocument.Parse(Assert.Single(shown.Lines)).RootElement.GetProperty("approvals").GetInt32());
        Assert.Equal(12, (await _rig.OkAsync("registry", "policy", "--registry", _rig.Registry)).Lines.Length);
        string[] change = ["registry", "policy", "--registry", _rig.Registry, "--category", "wire-adapter", "--approvals"];
        (await _rig.RunAsync([.. change, "0", "--key", reviewer])).AssertFailed(ExitCode.No, "No client would believe this policy");
        (await _rig.RunAsync([.. change, "2", "--reviewer", reviewer + ".pub"])).AssertFailed(ExitCode.No, "requires 2 of 1 reviewers");
        (await _rig.RunAsync("registry", "policy", "--registry", _rig.Registry, "--category", "game", "--approvals", "0")).AssertFailed(
            ExitCode.Failed, "'game' is no category");
    }

    private Task AskAsync(string category, string approvals, params string[] reviewers) =>
        _rig.OkAsync(
            ["registry", "policy", "--registry", _rig.Registry, "--category", category, "--approvals", approvals,
                .. reviewers.SelectMany(key => new[] { "--reviewer", key + ".pub" })]);

    private Task<CliResult> ApproveAsync(string release, string key) =>
        _rig.RunAsync("approve", release, "--key", key, "--registry", _rig.Registry);

    private Task<CliResult> PendingAsync(params string[] more) => _rig.RunAsync(["pending", "--registry", _rig.Registry, .. more]);

    private async Task<IReadOnlyList<RegistryRelease>> ListAsync() =>
        await new DirectoryRegistry(Path.Combine(_rig.Registry, "public")).ListAsync(ComponentName.Parse("@acme/doors"),
            CancellationToken.None);
}
