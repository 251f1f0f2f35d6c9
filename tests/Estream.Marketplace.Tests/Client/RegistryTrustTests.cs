using Estream.Esf.Schema;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Workspaces;
using static Estream.Marketplace.Tests.Client.ClientRig;

namespace Estream.Marketplace.Tests.Client;

/// <summary>Attackers who serve a registry: what they hold back, put back, mix, count up or rewrite is found before anything is
/// installed.</summary>
public sealed class RegistryTrustTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly ClientRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_registry_that_says_nothing_signed_is_refused()
    {
        await _rig.UntrustedAsync("components.example/main at directory:", "timestamp.json: it is missing",
            "Check the address of the registry");
        await _rig.PublishAsync(Card(), Iot());
        Directory.Delete(Served("catalog"), recursive: true);
        await _rig.UntrustedAsync("has signed 'catalog/", "it is missing", "take another mirror");
    }

    [Fact]
    public async Task A_frozen_registry_is_found_when_its_timestamp_has_expired()
    {
        await _rig.PublishAsync(Card(), Iot());
        Assert.True((await _rig.PlanAsync()).IsReady);
        _rig.Clock.Pass(TimeSpan.FromDays(1));
        await _rig.UntrustedAsync("timestamp.json: it expired at", "Ask the operator of the registry for a new one, and check the clock");
    }

    [Fact]
    public async Task A_registry_that_was_put_back_is_refused_and_what_was_seen_stays()
    {
        await _rig.PublishAsync(Card(), Iot());
        Keep();
        await _rig.PublishAsync(Card("1.1.0"));
        Assert.True((await _rig.PlanAsync()).IsReady);
        byte[] seen = await File.ReadAllBytesAsync(_rig.Combine("seen", "trust.json"));
        Restore();
        await _rig.UntrustedAsync("was seen before", "Use another mirror, and tell the operator", _rig.Combine("seen", "trust.json"));
        Assert.Equal(seen, await File.ReadAllBytesAsync(_rig.Combine("seen", "trust.json")));
    }

    [Fact]
    public async Task A_newer_release_and_a_yank_cannot_be_hidden_behind_fresh_roles()
    {
        await _rig.PublishAsync(Card("1.0.0"), Iot());
        byte[] before = IndexFile("1.1.0", isThere: false);
        await _rig.PublishAsync(Card("1.1.0"));
        await _rig.Directory.YankAsync(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), "It opens every door.", s_none);
        await _rig.Registry.SayAsync(_rig.Directory);

        // What nobody has signed is not asked.
        await File.WriteAllBytesAsync(Served("index", "@acme", "card.json"), before);
        Assert.Equal("1.1.0", (await _rig.PlanAsync()).Next!.Find(ComponentName.Parse("@acme/card"))!.Version.ToString());
        await File.WriteAllBytesAsync(CatalogPath("It opens every door."), before);
        await _rig.UntrustedAsync("gives something else", "take another mirror");
    }

    [Fact]
    public async Task An_old_snapshot_behind_a_new_timestamp_is_refused()
    {
        await _rig.PublishAsync(Card(), Iot());
        byte[] old = await File.ReadAllBytesAsync(Newest("snapshot"));
        await _rig.PublishAsync(Card("1.1.0"));
        await File.WriteAllBytesAsync(Newest("snapshot"), old);
        await _rig.UntrustedAsync("snapshot.json: it has");
    }

    [Fact]
    public async Task The_catalogue_of_another_component_is_no_answer()
    {
        await _rig.PublishAsync(Card(), Iot());
        await File.WriteAllBytesAsync(CatalogPath("\"name\":\"@acme/card\",\"releases\""),
            await File.ReadAllBytesAsync(CatalogPath("\"name\":\"esf-iot\",\"releases\"")));
        await _rig.UntrustedAsync("gives something else");
    }

    [Fact]
    public async Task A_revocation_reaches_who_installs_by_an_old_bundle_and_who_has_it_in_the_lock()
    {
        await _rig.PublishAsync(Card(), Iot());
        await _rig.InstallAsync();
        Assert.True((await LockedAsync()).IsReady);
        _rig.Registry.Submit(
            new KeyRevocation(NamespaceName.Of(ComponentName.Parse("@acme/card")), _rig.Registry.OwnerId, 0, "It was stolen."));
        await _rig.Registry.SayAsync(_rig.Directory);
        foreach (WorkspacePlan plan in new[] { await _rig.PlanAsync(), await LockedAsync() })
        {
            Assert.Equal(WorkspacePlanStatus.Refused, plan.Status);
            Assert.Contains("0 of the owners of '@acme' have signed", plan.Message, StringComparison.Ordinal);
        }

        File.Delete(_rig.Workspace.LockPath);
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "0 of the owners of '@acme' have signed");
    }

    [Fact]
    public async Task Keys_that_were_taken_back_sign_nothing_any_more()
    {
        await _rig.PublishAsync(Card(), Iot());
        Keep();
        _rig.Registry.RotateOnlineKeys();
        await _rig.Registry.SayAsync(_rig.Directory);
        Assert.Equal(2, (await ViewAsync()).Roles.Root.Version);

        // The copy of before is fresh, and signed by the keys of before; that it has no second root does not bring them back.
        Restore();
        await _rig.UntrustedAsync("timestamp.json", "Use another mirror");
    }

    [Fact]
    public async Task Bundles_are_judged_by_the_keys_of_the_newest_root()
    {
        await _rig.PublishAsync(Card(), Iot());
        _rig.Registry.RotateOnlineKeys();
        await _rig.Registry.SayAsync(_rig.Directory);
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "The timestamp is rejected");
        await _rig.PublishAsync(new PublishedRelease("@acme/doors 1.0.0"));
        WorkspacePlan plan = await _rig.PlanAsync("\"@acme/doors\" = \"^1\"\n");
        Assert.True(plan.IsReady, plan.Message);
    }

    [Fact]
    public async Task A_registry_whose_numbers_were_used_up_recovers_by_other_keys()
    {
        await _rig.PublishAsync(Card(), Iot());
        _rig.Registry.Skip(1_000_000);
        await _rig.Registry.SayAsync(_rig.Directory);
        Assert.True((await _rig.PlanAsync()).IsReady);
        _rig.Registry.Skip(-1_000_000);
        await _rig.Registry.SayAsync(_rig.Directory);
        await _rig.UntrustedAsync("was seen before");
        _rig.Registry.RotateOnlineKeys();
        await _rig.Registry.SayAsync(_rig.Directory);
        RegistryView view = await ViewAsync();
        Assert.Single(await view.ListAsync(ComponentName.Parse("@acme/card"), s_none));
        Assert.Equal(2, view.Roles.Root.Version);
    }

    [Fact]
    public async Task A_log_that_was_rewritten_is_found_by_who_saw_it_before()
    {
        await _rig.PublishAsync(Card(), Iot());
        Assert.True((await _rig.PlanAsync()).IsReady);
        byte[] seen = await File.ReadAllBytesAsync(_rig.Combine("seen", "trust.json"));
        _rig.Registry.RewriteLog();
        await _rig.PublishAsync(new PublishedRelease("@acme/other 1.0.0"), new PublishedRelease("@acme/third 1.0.0"),
            new PublishedRelease("@acme/fourth 1.0.0"));
        await _rig.UntrustedAsync("does not begin with the 4 entries it had before", "Keep both checkpoints");
        Assert.Equal(seen, await File.ReadAllBytesAsync(_rig.Combine("seen", "trust.json")));
    }

    [Fact]
    public async Task A_release_of_another_history_than_the_logs_is_refused_by_who_never_saw_it()
    {
        await _rig.PublishAsync(Iot(), Card());
        _rig.Registry.RewriteLog();
        await _rig.PublishAsync(new PublishedRelease("@acme/other 1.0.0"), new PublishedRelease("@acme/third 1.0.0"),
            new PublishedRelease("@acme/fourth 1.0.0"));
        _rig.Refused(await _rig.PlanAsync("esf-iot = \"^1\"\n"), WorkspacePlanStatus.Refused,
            "its checkpoint is none of the log that components.example/main has now", "does not begin with");
    }

    [Fact]
    public async Task A_checkpoint_that_is_damaged_or_older_than_the_snapshot_is_refused()
    {
        await _rig.PublishAsync(Iot());
        byte[] older = await File.ReadAllBytesAsync(Served("log", "checkpoint"));
        await _rig.PublishAsync(Card());
        byte[] newest = await File.ReadAllBytesAsync(Served("log", "checkpoint"));
        await File.WriteAllBytesAsync(Served("log", "checkpoint"), older);
        await _rig.UntrustedAsync("entries and had", "Use another mirror");
        newest[^10] ^= 1;
        await File.WriteAllBytesAsync(Served("log", "checkpoint"), newest);
        await _rig.UntrustedAsync("checkpoint");
        File.Delete(Served("log", "checkpoint"));
        await _rig.UntrustedAsync("has no checkpoint");
    }

    private async Task<RegistryView> ViewAsync()
    {
        using RegistrySet registries = _rig.Registries();
        return await registries.Registries[0].RefreshAsync(_rig.Clock, s_none);
    }

    private Task<WorkspacePlan> LockedAsync() => _rig.Client().PlanLockedAsync(Manifest("\"@acme/card\" = \"^1\"\n"), s_none);

    private string Served(params string[] parts) => _rig.Combine(["registry", .. parts]);

    private string Newest(string role) =>
        Directory.GetFiles(Served("roles"), $"*.{role}.json")
            .MaxBy(file => int.Parse(Path.GetFileName(file).Split('.')[0], System.Globalization.CultureInfo.InvariantCulture))!;

    private string CatalogPath(string text) =>
        Directory.GetFiles(Served("catalog")).First(file => File.ReadAllText(file).Contains(text, StringComparison.Ordinal));

    private byte[] IndexFile(string version, bool isThere)
    {
        byte[] index = File.ReadAllBytes(Served("index", "@acme", "card.json"));
        Assert.Equal(isThere, System.Text.Encoding.UTF8.GetString(index).Contains(version, StringComparison.Ordinal));
        return index;
    }

    // The registry as somebody copied it once.
    private void Keep() => Copy(Served(), _rig.Combine("kept"));

    private void Restore()
    {
        Directory.Delete(Served(), recursive: true);
        Copy(_rig.Combine("kept"), Served());
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
