using Estream.Esf.Schema;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Workspaces;
using static Estream.Marketplace.Tests.Client.ClientRig;

namespace Estream.Marketplace.Tests.Client;

/// <summary>Attacks by a registry or a mirror: withheld, replayed, mixed or rewritten metadata is detected before anything is installed.
/// A registry recovers from exhausted version numbers.</summary>
public sealed class RegistryTrustTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly ClientRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Registry_without_signed_metadata_is_not_trusted()
    {
        await _rig.UntrustedAsync("components.example/main at directory:", "timestamp.json: it is missing",
            "Check the address of the registry");
        await _rig.PublishAsync(Card(), Iot());
        Directory.Delete(Served("catalog"), recursive: true);
        await _rig.UntrustedAsync("serves 'catalog/", "it is missing", "Use another mirror");
    }

    [Fact]
    public async Task Frozen_registry_is_not_trusted_after_its_timestamp_expires()
    {
        await _rig.PublishAsync(Card(), Iot());
        Assert.True((await _rig.PlanAsync()).IsReady);
        _rig.Clock.Pass(TimeSpan.FromDays(1));
        await _rig.UntrustedAsync("timestamp.json: it expired at", "Ask the operator of the registry for a new one, and check the clock");
    }

    [Fact]
    public async Task Registry_restored_to_an_old_state_is_not_trusted_and_the_stored_state_is_kept()
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
    public async Task Hidden_release_or_yank_is_detected_despite_fresh_roles()
    {
        await _rig.PublishAsync(Card("1.0.0"), Iot());
        byte[] before = IndexFile("1.1.0", isThere: false);
        await _rig.PublishAsync(Card("1.1.0"));
        await _rig.Directory.YankAsync(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), "It opens every door.", s_none);
        await _rig.Registry.SayAsync(_rig.Directory);

        // Clients ignore the index, because it is not signed.
        await File.WriteAllBytesAsync(Served("index", "@acme", "card.json"), before);
        Assert.Equal("1.1.0", (await _rig.PlanAsync()).Next!.Find(ComponentName.Parse("@acme/card"))!.Version.ToString());
        await File.WriteAllBytesAsync(CatalogPath("It opens every door."), before);
        await _rig.UntrustedAsync("with content that it did not sign", "Use another mirror");
    }

    [Fact]
    public async Task Old_snapshot_with_a_new_timestamp_is_not_trusted()
    {
        await _rig.PublishAsync(Card(), Iot());
        byte[] old = await File.ReadAllBytesAsync(Newest("snapshot"));
        await _rig.PublishAsync(Card("1.1.0"));
        await File.WriteAllBytesAsync(Newest("snapshot"), old);
        await _rig.UntrustedAsync("snapshot.json: its SHA-256 differs from the SHA-256 in its reference");
    }

    [Fact]
    public async Task Catalogue_of_another_component_is_not_trusted()
    {
        await _rig.PublishAsync(Card(), Iot());
        await File.WriteAllBytesAsync(CatalogPath("\"name\":\"@acme/card\",\"releases\""),
            await File.ReadAllBytesAsync(CatalogPath("\"name\":\"esf-iot\",\"releases\"")));
        await _rig.UntrustedAsync("with content that it did not sign");
    }

    [Fact]
    public async Task Revoked_key_is_refused_with_an_old_bundle_and_with_a_lock()
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
            Assert.Contains("A revoked key signed the document", plan.Message, StringComparison.Ordinal);
            Assert.Contains("signed with another key, or ask the owners. The root of its files is ", plan.Message,
                StringComparison.Ordinal);
        }

        File.Delete(_rig.Workspace.LockPath);
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "0 of the owners of '@acme' have signed");
    }

    [Fact]
    public async Task Metadata_signed_with_replaced_keys_is_not_trusted()
    {
        await _rig.PublishAsync(Card(), Iot());
        Keep();
        _rig.Registry.RotateOnlineKeys();
        await _rig.Registry.SayAsync(_rig.Directory);
        Assert.Equal(2, (await ViewAsync()).Roles.Root.Version);

        // Restores the copy of the registry, which is fresh but signed with the replaced keys and lacks the second root. The client knows
        // that root and does not trust the copy.
        Restore();
        await _rig.UntrustedAsync("timestamp.json", "Use another mirror");
    }

    [Fact]
    public async Task Bundles_are_verified_with_the_keys_of_the_newest_root()
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
    public async Task Registry_with_exhausted_version_numbers_recovers_by_key_rotation()
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
    public async Task Rewritten_log_is_detected_by_a_client_that_saw_it_before()
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
    public async Task Release_of_another_log_history_is_refused_by_a_new_client()
    {
        await _rig.PublishAsync(Iot(), Card());
        _rig.Registry.RewriteLog();
        await _rig.PublishAsync(new PublishedRelease("@acme/other 1.0.0"), new PublishedRelease("@acme/third 1.0.0"),
            new PublishedRelease("@acme/fourth 1.0.0"));
        _rig.Refused(await _rig.PlanAsync("esf-iot = \"^1\"\n"), WorkspacePlanStatus.Refused,
            "its checkpoint does not belong to the current log of components.example/main", "does not begin with");
    }

    [Fact]
    public async Task Damaged_checkpoint_or_one_older_than_the_snapshot_is_not_trusted()
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

    // Copies the registry.
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
