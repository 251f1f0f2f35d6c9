using Estream.Esf.Schema;
using Estream.Marketplace.Client;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Publishing;

/// <summary>A client finds the same predecessor of the next release as the operator, and trusts only what the registry signed.</summary>
public sealed class ReleaseChainTests
{
    private static readonly ComponentName s_card = ComponentName.Parse("@acme/card");

    [Fact]
    public async Task Chain_returns_the_same_predecessor_as_the_operator()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        string? before = null;

        // Publishes four releases within one second, not in version order.
        foreach (string version in (string[])["2.0.0", "1.0.0", "3.0.0", "1.0.1"])
        {
            Assert.Equal(before, await LastAsync(rig, registry, version));
            before = (await registry.PublishAsync(rig.Sign(OperatorRig.Package(version), before), null, CancellationToken.None)).Digest;
        }

        rig.Clock.Now = rig.Clock.Now.AddHours(1);
        Assert.Equal(before, await LastAsync(rig, registry, "1.0.2"));
        before = (await registry.PublishAsync(rig.Sign(OperatorRig.Package("1.0.2"), before), null, CancellationToken.None)).Digest;
        foreach (string version in (string[])["2.0.0", "1.0.0", "3.0.0", "1.0.1", "1.0.2", "4.0.0"])
        {
            Assert.Equal(await registry.LastReleaseAsync(s_card, SemanticVersion.Parse(version), null, CancellationToken.None),
                await LastAsync(rig, registry, version));
        }

        Assert.Equal(before, await LastAsync(rig, registry, "4.0.0"));
        Assert.Null(await LastAsync(rig, registry, "1.0.0", "@acme/none"));
    }

    [Theory]
    [InlineData("other", "it is for another release")]
    [InlineData("damaged", "")]
    [InlineData("none", "")]
    public async Task Chain_throws_when_the_bundle_does_not_prove_the_release(string how, string reason)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await registry.PublishAsync(rig.Sign(OperatorRig.Package("1.0.0")), null, CancellationToken.None);
        rig.Clock.Now = rig.Clock.Now.AddHours(1);
        await registry.PublishAsync(rig.Sign(OperatorRig.Package("1.0.1")), null, CancellationToken.None);
        string bundles = Path.Combine(rig.Folder, "public", "bundles", "@acme", "card"), last = Path.Combine(bundles, "1.0.1.escb");
        byte[] bytes = await File.ReadAllBytesAsync(how == "other" ? Path.Combine(bundles, "1.0.0.escb") : last);
        bytes[bytes.Length / 2] ^= (byte)(how == "damaged" ? 1 : 0);
        await File.WriteAllBytesAsync(last, how == "none" ? "no bundle"u8.ToArray() : bytes);
        EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() => LastAsync(rig, registry, "1.0.2"));
        Assert.Equal(RegistryFault.Untrusted, refused.Fault);
        Assert.Contains($"does not prove what {OperatorRig.Name} signed: {reason}", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<string?> LastAsync(OperatorRig rig, RegistryOperator registry, string next, string name = "@acme/card")
    {
        RegistryView view = await new TrustedRegistry(registry.Registry, new TrustAnchor(registry.FirstRoot.Span)).RefreshAsync(rig.Clock,
            CancellationToken.None);
        return await new ReleaseChain(rig.Clock).LastReleaseAsync(view, ComponentName.Parse(name), SemanticVersion.Parse(next),
            CancellationToken.None);
    }
}
