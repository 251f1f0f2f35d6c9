using System.Globalization;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Publishing;

/// <summary>Concurrent operations of a registry run one after the other.</summary>
public sealed class OperatorTurnsTests
{
    [Fact]
    public async Task Concurrent_operations_leave_verifiable_roles_with_consecutive_versions()
    {
        const int Each = 4;
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None);
        (long snapshot, long timestamp) before = await VersionsAsync(rig);
        SemanticVersion version = SemanticVersion.Parse("1.0.0");
        Task[] all =
        [
            .. Enumerable.Range(0, Each).SelectMany(number => new Func<Task>[]
            {
                () => registry.PublishAsync(rig.Sign(OperatorRig.Package($"{number + 2}.0.0")), null, CancellationToken.None),
                () => registry.MarkAsync(
                    new YankEntry(ComponentName.Parse("@acme/card"), version, number % 2 == 0, $"The {number}th time.").Sign(rig.Owner)
                        .ToJson(), null, CancellationToken.None),
                () => registry.SubmitAsync(Claim(rig, $"@owner{number.ToString(CultureInfo.InvariantCulture)}"), CancellationToken.None),
                () => registry.RenewAsync(CancellationToken.None),
                () => registry.ReadPolicyAsync(CancellationToken.None),
            }).Select(act => Task.Run(act)),
        ];
        await Task.WhenAll(all);

        // Each publication renews the roles twice; each yank, claim and renewal renews them once. No operation overwrote the roles of
        // another.
        (long snapshot, long timestamp) after = await VersionsAsync(rig);
        Assert.Equal((before.snapshot + (5 * Each), before.timestamp + (5 * Each)), after);
        Assert.Equal(Enumerable.Range(1, (int)after.snapshot),
            Directory.GetFiles(Path.Combine(rig.Folder, "public", "roles"), "*.snapshot.json")
            .Select(file => int.Parse(Path.GetFileName(file).Split('.')[0], CultureInfo.InvariantCulture)).Order());
        Assert.Equal(2 + (3 * Each), registry.Namespaces.Size);
        Assert.Equal(1 + Each, (await registry.Registry.ListAsync(ComponentName.Parse("@acme/card"), CancellationToken.None)).Count);
        Assert.True((await rig.VerifyAsync(registry, "2.0.0")).IsAccepted);
    }

    private static byte[] Claim(OperatorRig rig, string scope) =>
        new NamespaceRecord(NamespaceName.Of(ComponentName.Parse(scope + "/any")), 1, [rig.Stranger.Key], 1,
            rig.Clock.Now.AddYears(1)).Sign(rig.Stranger).ToJson();

    private static async Task<(long Snapshot, long Timestamp)> VersionsAsync(OperatorRig rig)
    {
        string roles = Path.Combine(rig.Folder, "public", "roles");
        TrustAnchor anchor = new(await File.ReadAllBytesAsync(Path.Combine(roles, "1.root.json")));
        TrustOutcome outcome = await new TrustClient(anchor, new TrustStore(Path.Combine(rig.Folder, "seen")),
            rig.Clock).RefreshAsync(new DirectoryFileSource(roles));
        Assert.True(outcome.IsTrusted, outcome.Fault?.ToString());
        return (outcome.Roles.Snapshot.Version, outcome.Roles.Timestamp.Version);
    }
}
