using Estream.Core;
using Estream.Marketplace.Client;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Publishing;

/// <summary>Key rotation of a running registry: clients of the first root follow it, and no client follows a root that the old keys did not
/// sign.</summary>
public sealed class RegistryRotationTests
{
    private static readonly ComponentName s_card = ComponentName.Parse("@acme/card");
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Theory]
    [InlineData(RegistryRole.Root)]
    [InlineData(RegistryRole.Targets)]
    [InlineData(RegistryRole.Snapshot)]
    [InlineData(RegistryRole.Timestamp)]
    [InlineData(RegistryRole.Root, RegistryRole.Targets, RegistryRole.Snapshot, RegistryRole.Timestamp)]
    [InlineData]
    public async Task Client_of_the_first_root_follows_the_rotation(params RegistryRole[] roles)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        TrustedRegistry client = ClientOf(rig, FirstRoot(rig));
        using (RegistryOperator registry = await rig.OpenAsync())
        {
            await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, s_none);
            await VerifiesAsync(rig, client, "1.0.0");
            byte[][] before = [.. Keys(rig)];
            using (DocumentSigner root = RootKey(rig))
            {
                Assert.Equal(1, (await registry.RotateAsync(roles, [root], s_none)).Bundles);
            }

            Assert.Equal(roles.Length, Keys(rig).Zip(before).Count(pair => !pair.First.SequenceEqual(pair.Second)));
            Assert.Equal(2, registry.Root.Version);
            await VerifiesAsync(rig, client, "1.0.0");
            await registry.PublishAsync(rig.Sign(OperatorRig.Package("1.1.0")), null, s_none);
            await VerifiesAsync(rig, client, "1.0.0", "1.1.0");
        }

        // The reopened registry has the new keys, and the new keys sign the next root.
        using RegistryOperator opened = await rig.OpenAsync();
        Assert.Equal(2, opened.Root.Version);
        using (DocumentSigner root = RootKey(rig))
        {
            await opened.RotateAsync(roles, [root], s_none);
        }

        await opened.PublishAsync(rig.Sign(OperatorRig.Package("1.2.0")), null, s_none);
        await opened.RenewAsync(s_none);
        await VerifiesAsync(rig, client, "1.0.0", "1.1.0", "1.2.0");
        await VerifiesAsync(rig, ClientOf(rig, FirstRoot(rig), "never seen before"), "1.0.0", "1.1.0", "1.2.0");
    }

    [Fact]
    public async Task Mirror_gets_the_metadata_of_the_new_keys()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        DirectoryRegistry mirror = new(Path.Combine(rig.Folder, "mirror"));
        using RegistryOperator registry = await rig.OpenAsync();
        await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, s_none);
        Assert.Equal(1, await RegistryMirror.RunAsync(registry.Registry, mirror, [s_card], null, s_none));
        using DocumentSigner root = RootKey(rig);
        await registry.RotateAsync([RegistryRole.Snapshot, RegistryRole.Timestamp, RegistryRole.Targets], [root], s_none);

        Assert.Equal(0, await RegistryMirror.RunAsync(registry.Registry, mirror, [s_card], null, s_none));

        await VerifiesAsync(rig,
            new TrustedRegistry(mirror, new TrustAnchor(FirstRoot(rig)), new TrustStore(Path.Combine(rig.Folder, "seen"))), "1.0.0");
    }

    [Fact]
    public async Task Root_not_signed_with_the_old_keys_is_refused()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, s_none);
        string[] before = Files(rig);
        using DocumentSigner old = RootKey(rig), snapshot = DocumentSigner.Load(Path.Combine(rig.Folder, "keys", "snapshot.key"));
        foreach (DocumentSigner nobody in (DocumentSigner[])[rig.Stranger, snapshot])
        {
            EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
                registry.RotateAsync([RegistryRole.Root, RegistryRole.Snapshot], [nobody], s_none));
            Assert.Equal(RegistryFault.Forbidden, refused.Fault);
        }

        Assert.Equal(before, Files(rig));
        Assert.Equal(1, registry.Root.Version);
        await registry.RotateAsync([RegistryRole.Root], [old], s_none);

        // A replaced key cannot sign another root.
        await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.RotateAsync([RegistryRole.Timestamp], [old], s_none));
        await registry.PublishAsync(rig.Sign(OperatorRig.Package("1.1.0")), null, s_none);
        await VerifiesAsync(rig, ClientOf(rig, FirstRoot(rig)), "1.0.0", "1.1.0");
    }

    [Fact]
    public async Task Forged_root_is_not_followed()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        byte[] first = FirstRoot(rig);
        RootDocument document;
        using (RegistryOperator registry = await rig.OpenAsync())
        {
            await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, s_none);
            document = registry.Root;
        }

        // A client with a forged first root does not trust the registry.
        RootDocument forged = document with { Root = new RoleKeys([rig.Stranger.Key], 1), Targets = new RoleKeys([rig.Stranger.Key], 1) };
        await UntrustedAsync(rig, ClientOf(rig, forged.Sign(rig.Stranger).ToJson(), "forged"));

        // Neither clients nor the registry follow a forged second root.
        File.WriteAllBytes(Path.Combine(rig.Folder, "public", "roles", "2.root.json"),
            (forged with { Version = 2 }).Sign(rig.Stranger).ToJson());
        await UntrustedAsync(rig, ClientOf(rig, first));
        EstreamCorruptionException damaged = await Assert.ThrowsAsync<EstreamCorruptionException>(() => rig.OpenAsync());
        Assert.Contains("2.root.json", damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotation_resumes_after_a_crash_between_root_and_keys()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        string keys = Path.Combine(rig.Folder, "keys"), key = Path.Combine(keys, "snapshot.key"),
        next = Path.Combine(keys, "snapshot.next.key");
        File.Copy(key, Path.Combine(rig.Folder, "old.key"));
        using (RegistryOperator registry = await rig.OpenAsync())
        {
            using DocumentSigner root = RootKey(rig);
            await registry.RotateAsync([RegistryRole.Snapshot], [root], s_none);
        }

        // Restores the state after the root was written and before the key files were replaced.
        File.Move(key, next);
        File.Move(Path.Combine(rig.Folder, "old.key"), key);
        using (RegistryOperator registry = await rig.OpenAsync())
        {
            await registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, s_none);
        }

        Assert.False(File.Exists(next));
        await VerifiesAsync(rig, ClientOf(rig, FirstRoot(rig)), "1.0.0");
    }

    private static TrustedRegistry ClientOf(OperatorRig rig, byte[] root, string seen = "seen") =>
        new(new DirectoryRegistry(Path.Combine(rig.Folder, "public")), new TrustAnchor(root),
            new TrustStore(Path.Combine(rig.Folder, seen)));

    private static async Task VerifiesAsync(OperatorRig rig, TrustedRegistry client, params string[] versions)
    {
        RegistryView view = await client.RefreshAsync(rig.Clock, s_none);
        IReadOnlyList<RegistryRelease> releases = await view.ListAsync(s_card, s_none);
        Assert.Equal(versions, releases.Select(release => release.Version.ToString()));
        foreach (RegistryRelease release in releases)
        {
            Assert.True(
                ComponentBundle.TryRead(await client.Place.ReadBundleAsync(release, s_none), out ComponentBundle? bundle,
                    out string? reason), reason);
            using MemoryStream package = new(await client.Place.ReadPackageAsync(release, s_none));
            BundleVerdict verdict = new BundleVerifier(view.Trust, rig.Clock, TimeSpan.FromDays(30)).Verify(bundle, package);
            Assert.True(verdict.IsAccepted, verdict.Reason);
        }
    }

    private static async Task UntrustedAsync(OperatorRig rig, TrustedRegistry client) =>
        Assert.Equal(RegistryFault.Untrusted,
            (await Assert.ThrowsAsync<EstreamRegistryException>(() => client.RefreshAsync(rig.Clock, s_none))).Fault);

    private static DocumentSigner RootKey(OperatorRig rig) => DocumentSigner.Load(Path.Combine(rig.Folder, "keys", "root.key"));

    private static byte[] FirstRoot(OperatorRig rig) => File.ReadAllBytes(Path.Combine(rig.Folder, "public", "roles", "1.root.json"));

    private static IEnumerable<byte[]> Keys(OperatorRig rig) =>
        Directory.GetFiles(Path.Combine(rig.Folder, "keys")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    private static string[] Files(OperatorRig rig) =>
        [.. Directory.GetFiles(rig.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
