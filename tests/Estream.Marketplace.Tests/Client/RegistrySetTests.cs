using System.Text;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Tests.Client;

/// <summary>The registries of a workspace, none of which is used without a trust root.</summary>
public sealed class RegistrySetTests : IDisposable
{
    private readonly ClientRig _rig = new();

    public RegistrySetTests()
    {
        Directory.CreateDirectory(_rig.Combine("trust"));
        File.WriteAllBytes(_rig.Combine("trust", "root.json"), _rig.Registry.RootFile);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_opens_registries_with_their_trust_roots()
    {
        using RegistrySet set = Open(
            "[registries]\ndefault = \"directory:registry\"\n\"*\" = \"oci:layout\"\n[trust]\ndefault = \"trust/root.json\"\n\"*\" = "
            + "\"trust/root.json\"\n");
        Assert.Equal("directory:" + _rig.Combine("registry"), set.For(ComponentName.Parse("esf-iot")).Place.Location);
        Assert.Equal("oci:" + _rig.Combine("layout"), set.For(ComponentName.Parse("@acme/card")).Place.Location);
        Assert.All(set.Registries, registry => Assert.Equal(_rig.Registry.Name, registry.Name));
    }

    [Fact]
    public void Scopes_with_the_same_registry_share_one_instance()
    {
        using RegistrySet set = Open(
            "[registries]\ndefault = \"directory:registry\"\n\"@acme\" = \"directory:registry\"\n[trust]\ndefault = "
            + "\"trust/root.json\"\n\"@acme\" = \"trust/root.json\"\n");
        Assert.Single(set.Registries);
        Assert.Null(set.Find(ComponentName.Parse("@other/card")));
    }

    [Fact]
    public void Open_explains_how_to_pin_a_registry_without_a_trust_root() =>
        Refused("[registries]\n\"@acme\" = \"directory:registry\"\n", "has no trust root", "[trust] \"@acme\" = \"FILE\"");

    [Fact]
    public void Open_throws_for_a_trust_root_without_registry_and_for_two_roots_of_one_registry()
    {
        Refused("[trust]\ndefault = \"trust/root.json\"\n", "[trust] has a root for default");
        File.Copy(_rig.Combine("trust", "root.json"), _rig.Combine("trust", "second.json"));
        Refused("[registries]\ndefault = \"directory:registry\"\n\"@acme\" = \"directory:registry\"\n[trust]\ndefault = "
            + "\"trust/root.json\"\n\"@acme\" = \"trust/second.json\"\n", "has two trust roots", "trust/second.json");
    }

    [Fact]
    public void Open_throws_when_the_trust_root_is_missing_damaged_expired_or_names_no_log()
    {
        const string Text = "[registries]\ndefault = \"directory:registry\"\n[trust]\ndefault = \"trust/root.json\"\n";
        string path = _rig.Combine("trust", "root.json");
        byte[] root = File.ReadAllBytes(path);
        File.Delete(path);
        Refused(Text, "does not exist", "through a channel other than the registry");
        File.WriteAllText(path, "{}");
        Refused(Text, "is not a trust root of the registry directory:registry");
        File.WriteAllBytes(path, root);
        _rig.Clock.Pass(TimeSpan.FromDays(366));
        Refused(Text, "expired at", "Get a new one");
        _rig.Clock.Pass(TimeSpan.FromDays(-366));
        _rig.Registry.Root = _rig.Registry.Root with { LogKeys = null };
        File.WriteAllBytes(path, _rig.Registry.RootFile);
        Refused(Text, "names no log keys");
    }

    [Theory]
    [InlineData("components")]
    [InlineData("directory:")]
    [InlineData("ftp://components.example")]
    [InlineData("https://user:secret@components.example")]
    [InlineData("git:-upload-pack=x")]
    [InlineData("git:ext::sh -c x")]
    [InlineData("git:components.git#--force")]
    public void Open_throws_for_an_invalid_address(string address) =>
        Refused($"[registries]\ndefault = \"{address}\"\n[trust]\ndefault = \"trust/root.json\"\n", "is not a registry address",
            "directory:PATH, git:REMOTE");

    private RegistrySet Open(string text) =>
        RegistrySet.Open(WorkspaceManifest.Read(Encoding.UTF8.GetBytes(text)).Manifest!, _rig.Combine(), _rig.Combine("cache"), _rig.Clock);

    private void Refused(string text, params string[] parts)
    {
        EstreamRegistryException refused = Assert.Throws<EstreamRegistryException>(() => Open(text).Dispose());
        Assert.Equal(RegistryFault.Configuration, refused.Fault);
        Assert.All(parts, part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
    }
}
