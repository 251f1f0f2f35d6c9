using System.Text;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Trust;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Publishing;

/// <summary>A registry in a folder, an author who owns <c>@acme</c>, and a stranger who does not.</summary>
internal sealed class OperatorRig : IDisposable
{
    public const string Name = "components.example.org/main";
    public static readonly NamespaceName Acme = NamespaceName.Of(ComponentName.Parse("@acme/card"));

    private readonly TempDirectory _folder = new();

    public ManualClock Clock { get; } = ManualClock.At("2026-11-23 06:33");

    public DocumentSigner Owner { get; } = DocumentSigner.Generate();

    public DocumentSigner Stranger { get; } = DocumentSigner.Generate();

    public string Folder => _folder.Combine("registry");

    public static async Task<OperatorRig> CreateAsync()
    {
        OperatorRig rig = new();
        _ = await RegistryInitializer.CreateAsync(rig.Folder, Name, rig.Clock, CancellationToken.None);
        using RegistryOperator registry = await rig.OpenAsync();
        Assert.Equal(0, await registry.SubmitAsync(rig.Claim(1, rig.Owner), CancellationToken.None));
        return rig;
    }

    public Task<RegistryOperator> OpenAsync(PublishOptions? options = null) =>
        RegistryOperator.OpenAsync(Folder, Clock, CancellationToken.None, options);

    /// <summary>Sets the number of approvals and the reviewers of a category, signed with the offline key.</summary>
    public async Task AskAsync(RegistryOperator registry, string category, int approvals, params DocumentSigner[] reviewers)
    {
        using DocumentSigner targets = DocumentSigner.Load(Path.Combine(Folder, "keys", "targets.key"));
        await registry.ChangePolicyAsync(
            before => before with
            {
                Categories = new Dictionary<string, CategoryPolicy>(before.Categories)
                {
                    [category] = new CategoryPolicy(approvals, [.. reviewers.Select(reviewer => reviewer.Key)], TrustTier.Verified),
                },
            }, [targets], CancellationToken.None);
    }

    public byte[] Claim(int serial, params DocumentSigner[] signers) =>
        new NamespaceRecord(Acme, serial, [signers[^1].Key], 1, Clock.Now.AddYears(1)).Sign(signers).ToJson();

    public static Package Package(string version = "1.0.0", string style = "a {}", string name = "@acme/card") =>
        Estream.Marketplace.Packages.Package.Of(
    [
        new PackageFile(PackagePath.Manifest, false, Encoding.UTF8.GetBytes($"""
            [component]
            name = "{name}"
            version = "{version}"
            category = "theme"
            description = "Brass"
            license = "Apache-2.0"

            [component.theme]
            stylesheet = "brass.css"
            modes = ["dark"]

            """)),
        new PackageFile("brass.css", false, Encoding.UTF8.GetBytes($"/* {style} */\n:root {{ }}\n")),
    ]);

    /// <summary>A skill, with optional permissions.</summary>
    public static Package Skill(string version = "1.0.0", string permissions = "", string dependencies = "", string text = "# Doors\n",
        string name = "@acme/card") => Estream.Marketplace.Packages.Package.Of(
    [
        new PackageFile(PackagePath.Manifest, false, Encoding.UTF8.GetBytes($"""
            [component]
            name = "{name}"
            version = "{version}"
            category = "skill"
            description = "Answers questions about doors"
            license = "Apache-2.0"
            permissions = [{permissions}]

            [component.skill]
            entry = "SKILL.md"
            triggers = ["door report"]

            [component.dependencies]
            {dependencies}

            """)),
        new PackageFile("SKILL.md", false, Encoding.UTF8.GetBytes(text)),
    ]);

    public SignedRelease Sign(Package package, string? before = null) => SignedRelease.Sign(package, before, null, Owner);

    /// <summary>Verifies a release of the registry as a client that starts with the first root.</summary>
    public async Task<BundleVerdict> VerifyAsync(RegistryOperator registry, string version)
    {
        TrustAnchor anchor = new(File.ReadAllBytes(Path.Combine(Folder, "public", "roles", "1.root.json")));
        RegistryRelease release = Assert.Single(
            await registry.Registry.ListAsync(ComponentName.Parse("@acme/card"), CancellationToken.None),
            one => one.Version.ToString() == version);
        Assert.True(
            ComponentBundle.TryRead(await registry.Registry.ReadBundleAsync(release, CancellationToken.None), out ComponentBundle? bundle,
                out string? reason), reason);
        using MemoryStream package = new(await registry.Registry.ReadPackageAsync(release, CancellationToken.None));
        return new BundleVerifier(BundleTrust.Of(anchor.Root), Clock, TimeSpan.FromDays(30)).Verify(bundle, package);
    }

    public void Dispose()
    {
        Owner.Dispose();
        Stranger.Dispose();
        _folder.Dispose();
    }
}
