using System.Text;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>Keys are rotated by a root that the old and the new keys have signed, version by version.</summary>
public sealed class RotationTests : IDisposable
{
    private readonly RegistryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Every_role_can_be_rotated_to_other_keys()
    {
        await _rig.RefreshAsync();
        foreach (List<DocumentSigner> signers in new[] { _rig.TargetsSigners, _rig.SnapshotSigners, _rig.TimestampSigners })
        {
            RegistryRig.Replace(signers);
            _rig.Rotate();
            _rig.Publish();
            await _rig.RefreshAsync();
        }

        List<DocumentSigner> before = [.. _rig.RootSigners];
        _rig.RootSigners.Clear();
        _rig.RootSigners.AddRange([DocumentSigner.Generate(), DocumentSigner.Generate(), DocumentSigner.Generate()]);
        _rig.Rotate(signers: before.Concat(_rig.RootSigners));
        _rig.Rotate();
        Assert.Equal(6, (await _rig.RefreshAsync()).Root.Version);
    }

    [Fact]
    public async Task Root_must_be_N_plus_1()
    {
        // The file 2.root.json has a root of version 3, which would skip version 2.
        _rig.Rotate(root => root with { Version = 3 });
        _rig.Source.Files["2.root.json"] = _rig.Source.Files["3.root.json"];
        Assert.Contains("has version 3; version 2 is expected", (await _rig.RefusedAsync(RoleFaultKind.Version)).Reason,
            StringComparison.Ordinal);
        _rig.Source.Files["2.root.json"] = _rig.Source.Files["1.root.json"];
        await _rig.RefusedAsync(RoleFaultKind.Version);
    }

    [Fact]
    public async Task Root_that_is_missing_ends_the_chain()
    {
        _rig.Rotate();
        _rig.Source.Files.Remove("2.root.json");
        _rig.Rotate();
        Assert.Equal(1, (await _rig.RefreshAsync()).Root.Version);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Root_signed_by_old_and_new_threshold(bool isOld, bool isNew)
    {
        await _rig.RefreshAsync();
        List<DocumentSigner> before = [.. _rig.RootSigners];
        _rig.RootSigners.Clear();
        _rig.RootSigners.AddRange([DocumentSigner.Generate(), DocumentSigner.Generate(), DocumentSigner.Generate()]);
        _rig.Rotate(signers: before.Take(isOld ? 3 : 1).Concat(_rig.RootSigners.Take(isNew ? 3 : 1)));
        Assert.Equal(isOld,
            (await _rig.RefusedAsync(RoleFaultKind.Signature)).Reason.Contains("by its own keys", StringComparison.Ordinal));
        _rig.PutRoot(before.Take(2).Concat(_rig.RootSigners.Skip(1)));
        Assert.Equal(2, (await _rig.RefreshAsync()).Root.Version);
    }

    [Fact]
    public async Task Rotated_keys_stay_invalid_when_the_rest_of_the_refresh_fails()
    {
        await _rig.RefreshAsync();
        _rig.PublishTimestamp();
        byte[] byOldKey = _rig.Source.Files["timestamp.json"];
        RegistryRig.Replace(_rig.TimestampSigners);
        _rig.Rotate();
        await _rig.RefusedAsync(RoleFaultKind.Signature, mayStateChange: true);

        // An attacker withholds the new root and serves a timestamp that the old key signed.
        _rig.Source.Files.Remove("2.root.json");
        _rig.Source.Files["timestamp.json"] = byOldKey;
        await _rig.RefusedAsync(RoleFaultKind.Signature);
        _rig.PublishTimestamp();
        Assert.Equal(2, (await _rig.RefreshAsync()).Root.Version);
    }

    [Fact]
    public async Task Cached_role_reverified_against_new_delegator()
    {
        // The snapshot and the targets stay unchanged; only the root names other keys for them.
        await _rig.RefreshAsync();
        RegistryRig.Replace(_rig.SnapshotSigners);
        _rig.Rotate();
        Assert.Equal("1.snapshot.json", (await _rig.RefusedAsync(RoleFaultKind.Signature, mayStateChange: true)).File);
        Assert.Equal(RoleFaultKind.Signature, _rig.Client().Load().Fault!.Kind);
        _rig.PublishSnapshot();
        _rig.PublishTimestamp();
        await _rig.RefreshAsync();
        RegistryRig.Replace(_rig.TargetsSigners);
        _rig.Rotate();
        Assert.Equal("1.targets.json", (await _rig.RefusedAsync(RoleFaultKind.Signature, mayStateChange: true)).File);
        Assert.Equal(RoleFaultKind.Signature, _rig.Client().Load().Fault!.Kind);
    }

    [Fact]
    public async Task Thresholds_count_distinct_keys()
    {
        DocumentSigner second = DocumentSigner.Generate();
        _rig.TimestampSigners.Add(second);
        _rig.Rotate(root => root with { Timestamp = RegistryRig.Keys(_rig.TimestampSigners, 2) });
        await _rig.RefusedAsync(RoleFaultKind.Signature, mayStateChange: true);

        // The envelope has two signatures by the same key, one of them under the id of the other key.
        DsseEnvelope once = _rig.Timestamp.Sign(_rig.TimestampSigners[0]), again = _rig.Timestamp.Sign(_rig.TimestampSigners[0]);
        string twice = Encoding.UTF8.GetString(once.ToJson()).Replace(
            "\"signatures\":[",
            $"\"signatures\":[{{\"keyid\":\"{second.Key.Id}\",\"sig\":\"{Convert.ToBase64String(again.Signatures[0].Bytes.Span)}\"}},",
            StringComparison.Ordinal);
        _rig.Source.Files["timestamp.json"] = Encoding.UTF8.GetBytes(twice);
        await _rig.RefusedAsync(RoleFaultKind.Signature);
        _rig.PublishTimestamp();
        await _rig.RefreshAsync();
    }

    [Fact]
    public async Task Root_of_another_registry_is_refused()
    {
        _rig.Rotate(root => root with { Registry = "registry.example/other" });
        Assert.Contains("registry.example/other", (await _rig.RefusedAsync(RoleFaultKind.Malformed)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_with_an_online_key_for_root_or_targets_is_rejected()
    {
        _rig.Rotate(root => root with { Targets = RegistryRig.Keys(_rig.SnapshotSigners, 1) });
        Assert.Contains("online key", (await _rig.RefusedAsync(RoleFaultKind.Malformed)).Reason, StringComparison.Ordinal);
        _rig.Root = _rig.Root with { Version = 1 };
        _rig.Rotate(root => root with { LogKeys = RegistryRig.Keys(_rig.RootSigners.Take(1), 1) });
        await _rig.RefusedAsync(RoleFaultKind.Malformed);
        _rig.Root = _rig.Root with { Version = 1 };
        using DocumentSigner log = DocumentSigner.Generate(), witness = DocumentSigner.Generate();
        _rig.Rotate(root => root with { LogKeys = RegistryRig.Keys([log], 1), Witnesses = RegistryRig.Keys([witness], 1) });
        TrustedRoles roles = await _rig.RefreshAsync();
        Assert.Equal([log.Key], roles.Root.LogKeys!.Keys);
        Assert.Equal([witness.Key], roles.Root.Witnesses!.Keys);
    }

    [Fact]
    public async Task Root_chain_beyond_the_limit_is_rejected()
    {
        for (int i = 0; i < 256; i++)
        {
            _rig.Rotate(signers: _rig.RootSigners.Take(2));
        }

        await _rig.RefusedAsync(RoleFaultKind.TooMany, mayStateChange: true);

        // The followed roots are stored, so a client that was offline for long catches up in two refreshes.
        Assert.Equal(257, (await _rig.RefreshAsync()).Root.Version);
    }

    [Fact]
    public void Trust_anchor_must_be_signed_by_its_own_keys()
    {
        byte[] few = _rig.Root.Sign(_rig.RootSigners.Take(1)).ToJson();
        Assert.Contains("it is not signed by its own keys: 1 of the 3 trusted keys have signed it as a root; 2 must sign",
            Assert.Throws<ArgumentException>(() => new TrustAnchor(few)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TrustAnchor(_rig.Source.Files["timestamp.json"]));
        Assert.Throws<ArgumentException>(() => new TrustAnchor([]));
    }

    [Fact]
    public async Task Newer_built_in_root_is_used_as_the_start()
    {
        await _rig.RefreshAsync();
        RegistryRig.Replace(_rig.TimestampSigners);
        _rig.Rotate();
        _rig.PublishTimestamp();
        _rig.Anchor = new TrustAnchor(_rig.Source.Files["2.root.json"], 2);
        _rig.Source.Files.Remove("1.root.json");
        Assert.Equal(2, (await _rig.RefreshAsync()).Root.Version);
    }
}
