using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>Expired documents are rejected, even if the clock is set back.</summary>
public sealed class ExpirationTests : IDisposable
{
    private readonly RegistryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("root")]
    [InlineData("timestamp")]
    [InlineData("snapshot")]
    [InlineData("targets")]
    public async Task Expired(string role)
    {
        DateTimeOffset soon = _rig.Clock.Now.AddHours(1);
        if (role == "root")
        {
            _rig.Rotate(root => root with { Expires = soon });
        }

        _rig.Targets = role == "targets" ? _rig.Targets with { Expires = soon } : _rig.Targets;
        _rig.PublishTargets();
        _rig.PublishSnapshot();
        _rig.PutSnapshot(role == "snapshot" ? _rig.Snapshot with { Expires = soon } : _rig.Snapshot);
        _rig.PublishTimestamp();
        _rig.PutTimestamp(role == "timestamp" ? _rig.Timestamp with { Expires = soon } : _rig.Timestamp);
        _rig.Clock.Now = soon.AddSeconds(-1);
        await _rig.RefreshAsync();
        _rig.Clock.Now = soon;
        Assert.Contains(role, (await _rig.RefusedAsync(RoleFaultKind.Expired)).File, StringComparison.Ordinal);
        Assert.Equal(RoleFaultKind.Expired, _rig.Client().Load().Fault!.Kind);
    }

    [Fact]
    public async Task Expired_intermediate_root_is_accepted()
    {
        _rig.Rotate(root => root with { Expires = _rig.Clock.Now.AddDays(-1) });
        _rig.Rotate(root => root with { Expires = _rig.Clock.Now.AddDays(1) });
        Assert.Equal(3, (await _rig.RefreshAsync()).Root.Version);
    }

    [Fact]
    public async Task Expired_local_timestamp_still_used_for_rollback()
    {
        byte[] old = _rig.Source.Files["timestamp.json"];
        _rig.PublishTimestamp();
        await _rig.RefreshAsync();
        _rig.Clock.Now = _rig.Clock.Now.AddDays(2);
        _rig.Source.Files["timestamp.json"] = old;

        // The known and the served timestamp have both expired. The rollback is reported first.
        await _rig.RefusedAsync(RoleFaultKind.Rollback);
    }

    [Fact]
    public async Task Expired_local_snapshot_still_used_for_rollback()
    {
        _rig.Publish();
        await _rig.RefreshAsync();
        _rig.Clock.Now = _rig.Clock.Now.AddDays(8);
        _rig.PutSnapshot(_rig.Snapshot with
        {
            Version = 3,
            Expires = _rig.Clock.Now.AddDays(1),
            Targets = new Dictionary<string, DocumentReference> { ["targets"] = _rig.Reference("1.targets.json", 1) },
        });
        _rig.PublishTimestamp();
        await _rig.RefusedAsync(RoleFaultKind.Rollback);
    }

    [Fact]
    public async Task Clock_backwards_uses_last_seen_time()
    {
        _rig.Clock.Now = _rig.Clock.Now.AddDays(3);
        _rig.Publish();
        await _rig.RefreshAsync();
        byte[] frozen = _rig.Source.Files["timestamp.json"];

        // A client sees the documents half a day later. Then its clock is set back, and the registry serves the same timestamp for days.
        _rig.Clock.Now = _rig.Clock.Now.AddHours(12);
        await _rig.RefreshAsync();
        DateTimeOffset seen = _rig.Clock.Now;
        _rig.Clock.Now = _rig.Clock.Now.AddDays(-30);
        Assert.Equal(seen, (await _rig.RefreshAsync()).CheckedAt);
        Assert.Equal(seen, _rig.Client().Load().Roles!.CheckedAt);

        // A document that had expired at the last seen time does not become valid again when the clock is set back.
        _rig.PutTimestamp(_rig.Timestamp with { Version = _rig.Timestamp.Version + 1, Expires = seen.AddSeconds(-1) });
        await _rig.RefusedAsync(RoleFaultKind.Expired);
        _rig.Source.Files["timestamp.json"] = frozen;
        await _rig.RefreshAsync();
    }

    [Fact]
    public async Task Clock_before_the_program_build_time_is_not_used()
    {
        _rig.Anchor = new TrustAnchor(_rig.FirstRoot, notBefore: _rig.Clock.Now.AddDays(2));
        await _rig.RefusedAsync(RoleFaultKind.Expired);
    }

    [Fact]
    public async Task Clock_wrong_only_once_does_not_block_later_refreshes()
    {
        await _rig.RefreshAsync();
        DateTimeOffset now = _rig.Clock.Now;
        _rig.Clock.Now = now.AddYears(50);
        await _rig.RefusedAsync(RoleFaultKind.Expired);
        _rig.Clock.Now = now;
        await _rig.RefreshAsync();
    }

    [Fact]
    public async Task Registry_that_is_frozen_expires()
    {
        await _rig.RefreshAsync();
        _rig.Clock.Now = _rig.Clock.Now.AddDays(1);
        await _rig.RefusedAsync(RoleFaultKind.Expired);
        _rig.PublishTimestamp();
        await _rig.RefreshAsync();
    }

    [Fact]
    public async Task Documents_older_than_the_built_in_minimum_are_rejected()
    {
        _rig.Anchor = new TrustAnchor(_rig.FirstRoot, leastRootVersion: 2);
        await _rig.RefusedAsync(RoleFaultKind.Backstop);
        _rig.Anchor = new TrustAnchor(_rig.FirstRoot, leastTimestampVersion: 2);
        await _rig.RefusedAsync(RoleFaultKind.Backstop);
        _rig.Rotate();
        _rig.PublishTimestamp();
        _rig.Anchor = new TrustAnchor(_rig.FirstRoot, leastRootVersion: 2, leastTimestampVersion: 2);
        await _rig.RefreshAsync();
    }
}
