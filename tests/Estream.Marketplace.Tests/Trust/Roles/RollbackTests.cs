using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>Rejects documents that are older than those seen before, missing, or different with the same version. A key rotation allows
/// lower versions.</summary>
public sealed class RollbackTests : IDisposable
{
    private readonly RegistryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Newer_documents_are_accepted()
    {
        Assert.Equal(1, (await _rig.RefreshAsync()).Timestamp.Version);
        _rig.Publish();
        TrustedRoles roles = await _rig.RefreshAsync();
        Assert.Equal((2, 2, 2), (roles.Timestamp.Version, roles.Snapshot.Version, roles.Targets.Version));
        Assert.Equal(2, (await _rig.RefreshAsync()).Timestamp.Version);
    }

    [Fact]
    public async Task Timestamp_older_is_rollback()
    {
        byte[] old = _rig.Source.Files["timestamp.json"];
        _rig.Publish();
        await _rig.RefreshAsync();
        _rig.Source.Files["timestamp.json"] = old;
        RoleFault fault = await _rig.RefusedAsync(RoleFaultKind.Rollback);
        Assert.Contains("version 1, but version 2 was seen", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timestamp_with_older_snapshot_is_rollback()
    {
        _rig.Publish();
        await _rig.RefreshAsync();
        _rig.PutTimestamp(_rig.Timestamp with { Version = 3, Snapshot = _rig.Reference("1.snapshot.json", 1) });
        Assert.Contains("names snapshot 1", (await _rig.RefusedAsync(RoleFaultKind.Rollback)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_older_is_rollback()
    {
        // An attacker with the timestamp key signs a timestamp that names an older snapshot.
        _rig.Publish();
        await _rig.RefreshAsync();
        RemoveTimestamp();
        _rig.PutTimestamp(_rig.Timestamp with { Version = 3, Snapshot = _rig.Reference("1.snapshot.json", 1) });
        Assert.Contains("version 1, but version 2 was seen", (await _rig.RefusedAsync(RoleFaultKind.Rollback)).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Targets_older_in_a_newer_snapshot_is_rollback()
    {
        _rig.Publish();
        await _rig.RefreshAsync();
        _rig.PutSnapshot(_rig.Snapshot with
        {
            Version = 3,
            Targets = new Dictionary<string, DocumentReference> { ["targets"] = _rig.Reference("1.targets.json", 1) },
        });
        _rig.PublishTimestamp();
        Assert.Contains("names version 1 of 'targets'", (await _rig.RefusedAsync(RoleFaultKind.Rollback)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Targets_removed_from_snapshot_rejected()
    {
        DelegatedTests.Delegate(_rig, "meters", "@acme/*");
        _rig.Publish();
        await _rig.RefreshAsync();
        _rig.Targets = _rig.Targets with { Delegations = [] };
        _rig.Delegated.Clear();
        _rig.Publish();
        Assert.Contains("'meters' is missing", (await _rig.RefusedAsync(RoleFaultKind.Rollback)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_that_shrinks_is_rollback_and_another_log_of_the_same_size_is_equivocation()
    {
        _rig.Snapshot = _rig.Snapshot with { LogSize = 10 };
        _rig.Publish();
        await _rig.RefreshAsync();
        _rig.Snapshot = _rig.Snapshot with { LogSize = 9 };
        _rig.Publish();
        Assert.Contains("9 entries, but had 10 before", (await _rig.RefusedAsync(RoleFaultKind.Rollback)).Reason, StringComparison.Ordinal);
        _rig.Snapshot = _rig.Snapshot with { LogSize = 10, LogRoot = RegistryRig.Hash('d') };
        _rig.Publish();
        await _rig.RefusedAsync(RoleFaultKind.Equivocation);
        _rig.Snapshot = _rig.Snapshot with { LogSize = 11 };
        _rig.Publish();
        Assert.Equal(11, (await _rig.RefreshAsync()).Snapshot.LogSize);
    }

    [Fact]
    public async Task Another_document_of_the_same_version_is_equivocation()
    {
        await _rig.RefreshAsync();
        _rig.PutTimestamp(_rig.Timestamp with { Expires = _rig.Clock.Now.AddDays(2) });
        await _rig.RefusedAsync(RoleFaultKind.Equivocation);

        // A new signature on the same payload does not make another document.
        _rig.PutTimestamp(_rig.Timestamp with { Expires = _rig.Clock.Now.AddDays(1) });
        await _rig.RefreshAsync();

        _rig.PutSnapshot(_rig.Snapshot with { NamespaceRoot = RegistryRig.Hash('e') });
        _rig.PublishTimestamp();
        Assert.Equal("timestamp.json", (await _rig.RefusedAsync(RoleFaultKind.Equivocation)).File);
        RemoveTimestamp();
        Assert.Equal("1.snapshot.json", (await _rig.RefusedAsync(RoleFaultKind.Equivocation)).File);

        _rig.PutSnapshot(_rig.Snapshot with
        {
            Version = 2,
            Targets = new Dictionary<string, DocumentReference>
            {
                ["targets"] = _rig.Reference("1.targets.json", 1) with { Sha256 = RegistryRig.Hash('f') },
            },
        });
        _rig.PublishTimestamp();
        Assert.Contains("another version 1 of 'targets'", (await _rig.RefusedAsync(RoleFaultKind.Equivocation)).Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("timestamp")]
    [InlineData("snapshot")]
    [InlineData("targets")]
    public async Task Fast_forward_recovers_after_key_rotation(string role)
    {
        const long last = (1L << 53) - 1;
        await _rig.RefreshAsync();

        // An attacker with the key of the role uses up its version numbers.
        _rig.Targets = role == "targets" ? _rig.Targets with { Version = last - 1 } : _rig.Targets;
        _rig.Snapshot = role == "snapshot" ? _rig.Snapshot with { Version = last - 1 } : _rig.Snapshot;
        _rig.Timestamp = role == "timestamp" ? _rig.Timestamp with { Version = last - 1 } : _rig.Timestamp;
        _rig.Publish();
        await _rig.RefreshAsync();

        // The registry continues from its own, lower version. Clients reject that version as a rollback until the key is rotated.
        _rig.Targets = role == "targets" ? _rig.Targets with { Version = 1 } : _rig.Targets;
        _rig.Snapshot = role == "snapshot" ? _rig.Snapshot with { Version = 1 } : _rig.Snapshot;
        _rig.Timestamp = role == "timestamp" ? _rig.Timestamp with { Version = 1 } : _rig.Timestamp;
        _rig.Publish();
        await _rig.RefusedAsync(RoleFaultKind.Rollback);
        RegistryRig.Replace(role == "timestamp" ? _rig.TimestampSigners : role == "snapshot" ? _rig.SnapshotSigners : _rig.TargetsSigners);
        _rig.Rotate();
        _rig.Publish();
        TrustedRoles roles = await _rig.RefreshAsync();
        Assert.True(Math.Max(Math.Max(roles.Timestamp.Version, roles.Snapshot.Version), roles.Targets.Version) < 10);
    }

    /// <summary>Removes the timestamp from the client's state, so that the check of the snapshot alone must find the fault.</summary>
    private void RemoveTimestamp()
    {
        Assert.True(TrustState.TryRead(File.ReadAllBytes(_rig.StatePath), out TrustState? state, out _));
        File.WriteAllBytes(_rig.StatePath, (state with { Timestamp = null }).ToJson());
    }
}
