using System.Text.Json;
using Estream.Marketplace;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Waiting releases on the command line can be listed, approved and decided again, and are never published without a
/// scan.</summary>
public sealed class ApproveTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_release_waits_for_the_number_of_approvals_in_the_policy()
    {
        await _rig.BeginAsync();
        string first = await _rig.NewKeyAsync("first.key"), second = await _rig.NewKeyAsync("second.key");
        await AskAsync("theme", "2", first, second);
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        CliResult waits = await _rig.PublishAsync(package);
        Assert.Equal(ExitCode.No, waits.Code);
        Assert.Contains("@acme/doors 0.1.0 is pending in components.example.org/main and not published", waits.Output,
            StringComparison.Ordinal);
        Assert.Contains("0 of 2 reviewers have approved", waits.Output, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());

        CliResult pending = await PendingAsync("--json");
        Assert.Equal(ExitCode.No, pending.Code);
        string digest = JsonDocument.Parse(Assert.Single(pending.Lines)).RootElement.GetProperty("release").GetString()!;
        (await ApproveAsync("@acme/doors@0.1.0", _rig.Key)).AssertFailed(ExitCode.No, "No signer may approve");
        (await ApproveAsync("@acme/doors@0.1.1", first)).AssertFailed(ExitCode.No, "No pending release matches '@acme/doors@0.1.1'");
        Assert.Contains("1 of 2 reviewers", (await ApproveAsync(digest, first)).Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 reviewers", (await ApproveAsync(digest, first)).Output, StringComparison.Ordinal);
        Assert.Contains("is published in components.example.org/main, entry 1", (await ApproveAsync("@acme/doors@0.1.0", second)).Output,
            StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await PendingAsync()).Code);
        Assert.Equal("0.1.0", Assert.Single(await ListAsync()).Version.ToString());
    }

    [Fact]
    public async Task A_remote_reviewer_signs_a_given_package()
    {
        await _rig.BeginAsync();
        string reviewer = await _rig.NewKeyAsync("reviewer.key"), approval = _rig.At("approval.json");
        await AskAsync("theme", "1", reviewer);
        string package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        await _rig.PublishAsync(package);
        (await _rig.RunAsync("approve", package, "--key", reviewer, "--out", approval)).AssertFailed(ExitCode.No, "is not a signed "
            + "package");
        string given =
            Assert.Single(Directory.GetFiles(Path.Combine(_rig.Registry, "pending"), "package.escx", SearchOption.AllDirectories));
        await _rig.OkAsync("approve", given, "--key", reviewer, "--out", approval);
        Assert.True(DsseEnvelope.TryRead(File.ReadAllBytes(approval), ReleaseApproval.MaxBytes, out DsseEnvelope? envelope, out _));
        Assert.Equal("application/vnd.estream.approval.v1+json", envelope.PayloadType);
        CliResult handed = await _rig.OkAsync("approve", "@acme/doors@0.1.0", "--signed", approval, "--registry", _rig.Registry, "--json");
        Assert.Equal("Published", JsonDocument.Parse(Assert.Single(handed.Lines)).RootElement.GetProperty("outcome").GetString());
        (await _rig.RunAsync("approve", "@acme/doors@0.1.0", "--registry", _rig.Registry)).AssertFailed(ExitCode.Failed,
            "Give either --key KEY to sign an approval, or --signed FILE");
        (await _rig.RunAsync("approve", "@acme/doors@0.1.0", "--key", reviewer)).AssertFailed(ExitCode.Failed, "Give either --registry "
            + "with the registry of the release");
    }

    [Fact]
    public async Task A_release_with_an_inconclusive_scan_is_decided_again()
    {
        await _rig.BeginAsync();
        string program = _rig.At("scan.sh"), package = await _rig.PackAsync(await _rig.ScaffoldAsync("theme"));
        File.WriteAllText(program, "exit 9\n");
        File.WriteAllText(Path.Combine(_rig.Registry, "publishing.json"),
            $$"""{ "scanners": [ { "name": "clam", "command": ["/bin/sh", "{{program}}", "{package}"] } ] }""");
        CliResult waits = await _rig.PublishAsync(package);
        Assert.Contains("scanner:clam gave no result", waits.Output, StringComparison.Ordinal);
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
    public async Task A_dev_registry_lints_a_widget_too()
    {
        string folder = await _rig.ScaffoldAsync("console-widget"), registry = _rig.At("dev");
        await _rig.OkAsync("dev", folder, "--registry", registry, "--once");
        File.AppendAllText(Path.Combine(folder, "dist", "index.js"), "\neval('1');\n");
        CliResult refused = await _rig.RunAsync("dev", folder, "--registry", registry, "--once");
        Assert.Equal(ExitCode.No, refused.Code);
        Assert.Contains("index.js(42,1): error MAN012: eval.", refused.Output, StringComparison.Ordinal);
        Assert.Single(
            await new DirectoryRegistry(Path.Combine(registry, "public")).ListAsync(ComponentName.Parse("@acme/doors"),
                CancellationToken.None));
    }

    [Fact]
    public async Task Tiers_are_set_by_pattern_and_capped_by_category()
    {
        await _rig.BeginAsync();
        string[] policy = ["registry", "policy", "--registry", _rig.Registry];
        (await _rig.RunAsync([.. policy, "--tier", "@acme/*=trusted"])).AssertFailed(ExitCode.Failed,
            "--tier '@acme/*=trusted' is not valid");
        (await _rig.RunAsync([.. policy, "--tier", "@acme"])).AssertFailed(ExitCode.Failed, "Write PATTERN=TIER");
        (await _rig.RunAsync([.. policy, "--tier", "@Acme/*=core"])).AssertFailed(ExitCode.Failed,
            "'@Acme/*' is not a valid component pattern");
        await _rig.OkAsync([.. policy, "--tier", "*=community", "--tier", "@acme/*=verified", "--tier", "@acme/doors=core",
            "--highest-tier", "verified", "--category", "console-widget"]);
        CliResult shown = await _rig.OkAsync(policy);
        Assert.Contains("console-widget: 0 of 0 reviewers, tiers up to verified", shown.Lines);
        Assert.Contains("theme: 0 of 0 reviewers, tiers up to community", shown.Lines);
        Assert.Equal(["@acme/doors: tier core", "@acme/*: tier verified", "*: tier community"], shown.Lines[^3..]);
        await _rig.OkAsync([.. policy, "--tier", "@acme/doors=none", "--tier", "@acme/*=experimental"]);
        string[] lines = (await _rig.OkAsync([.. policy, "--json"])).Lines;
        Assert.Equal("""{"components":"@acme/*","tier":"experimental"}""", lines[^2]);
        string category = Assert.Single((await _rig.OkAsync([.. policy, "--category", "console-widget", "--json"])).Lines);
        Assert.Equal("verified", JsonDocument.Parse(category).RootElement.GetProperty("highestTier").GetString());
    }

    [Fact]
    public async Task A_tier_that_the_categories_do_not_allow_is_set_with_a_warning()
    {
        await _rig.BeginAsync();
        string[] policy = ["registry", "policy", "--registry", _rig.Registry, "--tier", "@acme/*=verified"];
        const string Warning =
            "warning: '@acme/*=verified' has no effect, because no category allows this tier. Add --highest-tier verified.";
        Assert.Equal(Warning, (await _rig.OkAsync(policy)).Lines[^1]);
        Assert.Contains("named category", (await _rig.OkAsync([.. policy, "--category", "theme", "--json"])).Lines[^1],
            StringComparison.Ordinal);
        Assert.DoesNotContain("warning", (await _rig.OkAsync([.. policy, "--highest-tier", "verified", "--category", "theme"])).Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("warning", (await _rig.OkAsync(policy)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_can_be_shown_and_only_the_targets_key_can_change_it()
    {
        await _rig.BeginAsync();
        string reviewer = await _rig.NewKeyAsync("reviewer.key");
        await AskAsync("wire-adapter", "1", reviewer);
        CliResult shown = await _rig.OkAsync("registry", "policy", "--registry", _rig.Registry, "--category", "wire-adapter", "--json");
        Assert.Equal(1, JsonDocument.Parse(Assert.Single(shown.Lines)).RootElement.GetProperty("approvals").GetInt32());
        Assert.Equal(13, (await _rig.OkAsync("registry", "policy", "--registry", _rig.Registry)).Lines.Length);
        string[] change = ["registry", "policy", "--registry", _rig.Registry, "--category", "wire-adapter", "--approvals"];
        (await _rig.RunAsync([.. change, "0", "--key", reviewer])).AssertFailed(ExitCode.No, "Clients would not accept this policy");
        (await _rig.RunAsync([.. change, "2", "--reviewer", reviewer + ".pub"])).AssertFailed(ExitCode.No, "requires 2 of 1 reviewers");
        (await _rig.RunAsync("registry", "policy", "--registry", _rig.Registry, "--category", "game", "--approvals", "0")).AssertFailed(
            ExitCode.Failed, "'game' is not a category");
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
