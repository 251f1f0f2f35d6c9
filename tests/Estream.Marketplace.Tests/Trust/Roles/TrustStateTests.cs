using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>A client stores all of its trust state or nothing, also after a crash.</summary>
public sealed class TrustStateTests : IDisposable
{
    private readonly RegistryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("1.snapshot.json")]
    [InlineData("1.targets.json")]
    public async Task State_not_persisted_before_all_checks(string broken)
    {
        // The timestamp is valid and newer than the known timestamp, but the snapshot or the targets document is not valid.
        await _rig.RefreshAsync();
        _rig.Publish();
        _rig.Source.Files[broken.Replace('1', '2')] = "{}"u8.ToArray();
        await _rig.RefusedAsync(RoleFaultKind.Size);
        Assert.Equal(1, _rig.Client().Load().Roles!.Timestamp.Version);
    }

    [Fact]
    public void Load_reports_missing_documents_before_the_first_refresh()
    {
        Assert.Equal(RoleFaultKind.Missing, _rig.Client().Load().Fault!.Kind);
        Assert.False(File.Exists(_rig.StatePath));
    }

    [Fact]
    public async Task Trusted_documents_can_be_loaded_without_the_registry()
    {
        DelegatedTests.Delegate(_rig, "meters", "@acme/*", TrustTier.Verified,
            [new TierRule(ComponentPattern.Parse("*"), TrustTier.Verified)]);
        _rig.Targets = _rig.Targets with
        {
            Rules = [],
            Categories = new Dictionary<string, CategoryPolicy> { ["app"] = new(0, [], TrustTier.Core) },
        };
        _rig.Publish();
        await _rig.RefreshAsync();
        TrustedRoles roles = _rig.Client().Load().Roles!;
        Assert.Equal(2, roles.Timestamp.Version);
        Assert.Equal(TrustTier.Verified, roles.TierOf("@acme/meter", "app"));
    }

    [Fact]
    public async Task Stored_documents_are_not_fetched_again()
    {
        await _rig.RefreshAsync();
        _rig.PublishTimestamp();
        _rig.Source.Asked.Clear();
        await _rig.RefreshAsync();
        Assert.Equal(["2.root.json", "timestamp.json"], _rig.Source.Asked);
    }

    [Fact]
    public async Task Damaged_state_is_reported_and_not_replaced()
    {
        await _rig.RefreshAsync();
        byte[] whole = File.ReadAllBytes(_rig.StatePath);
        foreach (byte[] damaged in new[] { whole[..^1], [.. whole, (byte)'x'], [], "{}"u8.ToArray(),
            [.. whole.Select((one, at) => at == 40 ? (byte)'#' : one)] })
        {
            File.WriteAllBytes(_rig.StatePath, damaged);
            await Assert.ThrowsAnyAsync<EstreamException>(() => _rig.Client().RefreshAsync(_rig.Source));
        }
    }

    [Fact]
    public async Task Trust_state_with_the_root_of_another_registry_is_rejected()
    {
        await _rig.RefreshAsync();
        using RegistryRig other = new();
        await other.RefreshAsync();
        File.Copy(other.StatePath, _rig.StatePath, overwrite: true);

        // The state has the self-signed root of another registry with the same name, which differs from the root of the trust anchor.
        Assert.Equal(RoleFaultKind.Equivocation, (await _rig.Client().RefreshAsync(_rig.Source)).Fault!.Kind);
        Assert.Equal(RoleFaultKind.Equivocation, _rig.Client().Load().Fault!.Kind);
    }

    [Fact]
    public async Task Registry_with_another_name_cannot_use_the_state()
    {
        await _rig.RefreshAsync();
        byte[] other = (_rig.Root with { Registry = "registry.example/other" }).Sign(_rig.RootSigners).ToJson();
        _rig.Anchor = new TrustAnchor(other);
        Assert.Contains("'registry.example/other' is expected", (await _rig.RefusedAsync(RoleFaultKind.Malformed)).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_lost_a_race_starts_again_with_the_newer_state()
    {
        await _rig.RefreshAsync();
        byte[] old = _rig.Source.Files["timestamp.json"];
        TrustClient slow = _rig.Client();
        SlowSource source = new(_rig.Source, "timestamp.json", async () =>
        {
            // The slow client has read the old timestamp and not stored it yet. Meanwhile, another process stores a newer timestamp.
            _rig.Publish();
            await _rig.RefreshAsync();
        });
        TrustOutcome outcome = await slow.RefreshAsync(source);
        Assert.Equal(2, outcome.Roles!.Timestamp.Version);
        Assert.Equal(2, _rig.Client().Load().Roles!.Timestamp.Version);
        Assert.NotEqual(old, _rig.Source.Files["timestamp.json"]);
    }

    [Fact]
    public async Task State_survives_a_killed_process()
    {
        const int versions = 200;
        using TempDirectory folder = new();
        WriteVersions(folder.Path, versions);
        KillRounds rounds = new(LongRun.Count(6, 40));
        while (!rounds.AreOver)
        {
            using TempDirectory state = new();
            using ChildProcess child =
                ChildProcess.StartDotnet(typeof(TrustStateTests).Assembly.Location, [RefreshingProcess.Argument, folder.Path, state.Path]);
            child.WaitForText($"kept {Random.Shared.Next(1, versions)}\n");
            child.Kill();
            long said = child.Output.Split('\n').Where(line => line.StartsWith("kept ", StringComparison.Ordinal))
                .Select(line => long.Parse(line[5..], CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
            TrustClient client = new(new TrustAnchor(_rig.FirstRoot), new TrustStore(state.Path), _rig.Clock);
            TrustOutcome outcome = client.Load();
            Assert.True(outcome.IsTrusted, outcome.Fault?.ToString());
            Assert.InRange(outcome.Roles.Timestamp.Version, said, versions);

            // The leftover temporary file does not block the next write.
            TrustOutcome next = await client.RefreshAsync(new DirectoryFileSource(folder.Combine($"at-{versions:000}")));
            Assert.Equal(versions, next.Roles!.Timestamp.Version);
            rounds.Add(said is > 0 and < versions);
        }
    }

    [Fact]
    public void Trust_state_round_trips()
    {
        TrustState state = new()
        {
            Root = [1, 2],
            Timestamp = [3],
            Targets = new Dictionary<string, byte[]> { ["targets"] = [4, 5] },
            LatestTime = _rig.Clock.Now,
        };
        Assert.True(TrustState.TryRead(state.ToJson(), out TrustState? read, out string? reason), reason);
        Assert.Equal(Encoding.UTF8.GetString(state.ToJson()), Encoding.UTF8.GetString(read.ToJson()));
        Assert.Null(read.Snapshot);
    }

    private void WriteVersions(string folder, int versions)
    {
        File.WriteAllBytes(Path.Combine(folder, "1.root.json"), _rig.FirstRoot);
        for (int version = 1; version <= versions; version++)
        {
            string at = Path.Combine(folder, $"at-{version:000}");
            Directory.CreateDirectory(at);
            foreach ((string file, byte[] bytes) in _rig.Source.Files)
            {
                File.WriteAllBytes(Path.Combine(at, file), bytes);
            }

            _rig.Source.Files.Remove($"{_rig.Snapshot.Version}.snapshot.json");
            _rig.Source.Files.Remove($"{_rig.Targets.Version}.targets.json");
            _rig.Publish();
        }
    }

    /// <summary>A source that runs an action once, after it has read a document and before the client stores the document.</summary>
    private sealed class SlowSource(MemoryRoleSource source, string file, Func<Task> happening) : IFileSource
    {
        private bool _hasHappened;

        public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
        {
            byte[]? bytes = await source.ReadAsync(path, maxBytes, cancellation);
            if (path == file && !_hasHappened)
            {
                _hasHappened = true;
                await happening();
            }

            return bytes;
        }
    }
}
