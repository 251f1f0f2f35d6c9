using Estream.Core;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>Clients accept the documents that an operator publishes, and documents that clients would reject are not published.</summary>
public sealed class RoleDirectoryTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ManualClock _clock = ManualClock.At("2026-11-23 06:33");
    private readonly DocumentSigner[] _keepers = [DocumentSigner.Generate(), DocumentSigner.Generate(), DocumentSigner.Generate()];
    private readonly DocumentSigner _policy = DocumentSigner.Generate();
    private readonly DocumentSigner _online = DocumentSigner.Generate();
    private readonly RoleDirectory _registry;

    public RoleDirectoryTests()
    {
        _registry = new RoleDirectory(_folder.Combine("registry"), _clock);
    }

    public void Dispose()
    {
        Array.ForEach(_keepers, keeper => keeper.Dispose());
        _policy.Dispose();
        _online.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Registry_can_be_created_updated_and_rotated()
    {
        await PublishFirstAsync();
        TrustClient client = Client();
        Assert.Equal((1, 1, 0), Versions(await BelievedAsync(client)));

        // The operator renews the timestamp daily, and publishes a larger log from time to time.
        _clock.Now = _clock.Now.AddHours(20);
        Assert.Null(await _registry.RenewTimestampAsync([_online], TimeSpan.FromDays(1)));
        Assert.Equal((2, 1, 0), Versions(await BelievedAsync(client)));
        Assert.Null(
            await _registry.PublishAsync(Next() with
            {
                LogSize = 12,
                LogRoot = RegistryRig.Hash('1'),
                NamespaceRoot = RegistryRig.Hash('2'),
            }));
        Assert.Equal((3, 2, 12), Versions(await BelievedAsync(client)));

        // One operator leaves and another joins: the old and the new keys sign on separate machines.
        using DocumentSigner fourth = DocumentSigner.Generate();
        RootDocument next = Root(2, _keepers[1], _keepers[2], fourth);
        DsseEnvelope envelope = next.Sign(_keepers[1]);
        Assert.True(DsseEnvelope.TryRead(envelope.ToJson(), 1 << 20, out DsseEnvelope? carried, out _));
        Assert.Equal(RoleFaultKind.Signature, (await _registry.PublishAsync(Next() with { Roots = [carried] }))!.Kind);
        Assert.Null(
            await _registry.PublishAsync(Next() with
            {
                Roots = [carried.With(DocumentType.Root, _keepers[2]).With(DocumentType.Root, fourth)],
            }));
        Assert.Equal(2, (await BelievedAsync(client)).Root.Version);
        Assert.Equal((4, 3, 12), Versions(await BelievedAsync(Client())));
    }

    [Fact]
    public async Task Files_listed_in_targets_are_downloaded_by_clients()
    {
        await PublishFirstAsync();
        byte[] words = "the words of a license"u8.ToArray();
        TargetsDocument targets = Targets(2) with
        {
            Files = new Dictionary<string, DocumentReference> { ["licenses/mit.txt"] = _registry.AddFile(words) },
        };
        Assert.Null(await _registry.PublishAsync(Next() with { Targets = [targets.Sign(_policy)] }));
        using MemoryStream got = new();
        Assert.Null(await TrustClient.DownloadAsync(_registry.Source, await BelievedAsync(Client()), "licenses/mit.txt", got));
        Assert.Equal(words, got.ToArray());
    }

    [Fact]
    public async Task Documents_that_a_client_would_reject_are_not_published()
    {
        await PublishFirstAsync();
        string[] before = Listing();
        using DocumentSigner stranger = DocumentSigner.Generate();
        Assert.Equal(RoleFaultKind.Signature, (await _registry.PublishAsync(Next() with { SnapshotSigners = [stranger] }))!.Kind);
        Assert.Equal(RoleFaultKind.Signature, (await _registry.PublishAsync(Next() with { Targets = [Targets(2).Sign(_online)] }))!.Kind);
        Assert.Equal(RoleFaultKind.Equivocation,
            (await _registry.PublishAsync(Next() with { Targets = [Targets(1).Sign(_policy)] }))!.Kind);
        Assert.Equal(RoleFaultKind.Equivocation,
            (await _registry.PublishAsync(Next() with { Roots = [Root(1, _keepers).Sign(_keepers)] }))!.Kind);
        Assert.Equal(RoleFaultKind.Equivocation, (await _registry.PublishAsync(Next() with { LogRoot = RegistryRig.Hash('9') }))!.Kind);
        Assert.Equal(RoleFaultKind.Expired, (await _registry.RenewTimestampAsync([_online], TimeSpan.Zero))!.Kind);
        Assert.Equal(before, Listing());
        Assert.Equal((1, 1, 0), Versions(await BelievedAsync(Client())));
    }

    [Fact]
    public async Task Registry_starts_with_a_root_signed_by_its_own_keys()
    {
        Assert.Equal(RoleFaultKind.Missing, (await _registry.PublishAsync(Next() with { Targets = [Targets(1).Sign(_policy)] }))!.Kind);
        Assert.Equal(RoleFaultKind.Signature,
            (await _registry.PublishAsync(Next() with
            {
                Roots = [Root(1, _keepers).Sign(_keepers[0])],
                Targets = [Targets(1).Sign(_policy)],
            }))!.Kind);
        Assert.Equal(RoleFaultKind.Missing,
            (await _registry.PublishAsync(Next() with
            {
                Roots = [Root(2, _keepers).Sign(_keepers)],
                Targets = [Targets(1).Sign(_policy)],
            }))!.Kind);
        await Assert.ThrowsAsync<ArgumentException>(() => _registry.PublishAsync(Next() with { Roots = [Targets(1).Sign(_policy)] }));
        Assert.Throws<EstreamStorageException>(() => _registry.FirstRoot());
        await Assert.ThrowsAsync<EstreamStorageException>(() => _registry.RenewTimestampAsync([_online], TimeSpan.FromDays(1)));
        Assert.Empty(Listing());
    }

    [Fact]
    public async Task Leftovers_of_a_crash_do_not_block_publishing()
    {
        await PublishFirstAsync();
        File.WriteAllText(_folder.Combine("registry", "2.snapshot.json"), "not whole");
        File.WriteAllText(_folder.Combine("registry", "timestamp.json.new"), "not whole");
        Assert.Equal((1, 1, 0), Versions(await BelievedAsync(Client())));
        Assert.Null(await _registry.PublishAsync(Next() with { LogSize = 1 }));
        Assert.Equal((2, 2, 1), Versions(await BelievedAsync(Client())));
    }

    private static (long Timestamp, long Snapshot, long Log) Versions(TrustedRoles roles) =>
        (roles.Timestamp.Version, roles.Snapshot.Version, roles.Snapshot.LogSize);

    private async Task PublishFirstAsync() =>
        Assert.Null(
            await _registry.PublishAsync(Next() with { Roots = [Root(1, _keepers).Sign(_keepers)], Targets = [Targets(1).Sign(_policy)] }));

    private RootDocument Root(long version, params DocumentSigner[] keepers) => new()
    {
        Version = version, Expires = _clock.Now.AddYears(1), Registry = "registry.example/main",
        Root = RegistryRig.Keys(keepers, 2), Targets = RegistryRig.Keys([_policy], 1), Snapshot = RegistryRig.Keys([_online], 1),
        Timestamp = RegistryRig.Keys([_online], 1),
    };

    private TargetsDocument Targets(long version) => new() { Version = version, Expires = _clock.Now.AddDays(90) };

    private RolePublication Next() => new() { SnapshotSigners = [_online], TimestampSigners = [_online] };

    private TrustClient Client() =>
        new(new TrustAnchor(_registry.FirstRoot().Span), new TrustStore(_folder.Combine($"state-{Guid.NewGuid():N}")), _clock);

    private async Task<TrustedRoles> BelievedAsync(TrustClient client)
    {
        TrustOutcome outcome = await client.RefreshAsync(_registry.Source);
        Assert.True(outcome.IsTrusted, outcome.Fault?.ToString());
        return outcome.Roles;
    }

    private string[] Listing() => Directory.Exists(_folder.Combine("registry"))
        ? [.. Directory.EnumerateFiles(_folder.Combine("registry"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => file + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))))]
        : [];
}
