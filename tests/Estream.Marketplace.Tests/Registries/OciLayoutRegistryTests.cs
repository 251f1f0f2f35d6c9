using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Esf.Schema;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Oci;
using Estream.Testing;
using static Estream.Marketplace.Tests.Registries.SampleReleases;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>A registry as an OCI image layout.</summary>
public sealed class OciLayoutRegistryTests : RegistryContract, IDisposable
{
    private const string RefNameKey = "org.opencontainers.image.ref.name";
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Layout_follows_the_specification_and_every_blob_is_reachable()
    {
        IComponentRegistry registry = Open();
        await registry.PublishAsync(Of(Card, "1.0.0"), s_none);
        await registry.YankAsync(Card, SemanticVersion.Parse("1.0.0"), "It loses messages.", s_none);

        // Walks the layout by the image specification, without code of the product.
        using JsonDocument layout = Read("oci-layout"), index = Read("index.json");
        Assert.Equal("1.0.0", layout.RootElement.GetProperty("imageLayoutVersion").GetString());
        JsonElement[] manifests = [.. index.RootElement.GetProperty("manifests").EnumerateArray()];
        JsonElement component = Assert.Single(manifests,
            one => one.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString() == "acme/card:1.0.0");
        using JsonDocument manifest = Blob(component);
        Assert.Equal("application/vnd.estream.component.v1", manifest.RootElement.GetProperty("artifactType").GetString());
        Assert.Equal(Of(Card, "1.0.0").Package.ToArray(), Bytes(manifest.RootElement.GetProperty("layers")[0]));
        string digest = component.GetProperty("digest").GetString()!;
        JsonElement referrers = Assert.Single(manifests,
            one => one.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString() == digest.Replace(':', '-'));
        using JsonDocument list = Blob(referrers);
        JsonElement[] referring = [.. list.RootElement.GetProperty("manifests").EnumerateArray()];
        Assert.Equal(["application/vnd.estream.bundle.v1", "application/vnd.estream.status.v1+json"],
            referring.Select(one => one.GetProperty("artifactType").GetString()));
        Assert.All(referring, one =>
        {
            using JsonDocument referrer = Blob(one);
            Assert.Equal(digest, referrer.RootElement.GetProperty("subject").GetProperty("digest").GetString());
            Assert.Equal("{}"u8.ToArray(), Bytes(referrer.RootElement.GetProperty("config")));
        });
    }

    [Fact]
    public async Task Damaged_blobs_are_reported()
    {
        IComponentRegistry registry = Open();
        await registry.PublishAsync(Of(Card, "1.0.0"), s_none);
        RegistryRelease release = Assert.Single(await registry.ListAsync(Card, s_none));
        foreach (string path in Directory.GetFiles(_folder.Combine("blobs", "sha256")))
        {
            byte[] whole = await File.ReadAllBytesAsync(path);
            await File.WriteAllBytesAsync(path, [.. whole[..^1], (byte)(whole[^1] ^ 1)]);
            bool isNothing = whole.AsSpan().SequenceEqual("{}"u8);
            Exception? error = await Record.ExceptionAsync(async () =>
            {
                Assert.Single(await Open().ListAsync(Card, s_none));
                await Open().ReadPackageAsync(release, s_none);
                await Open().ReadBundleAsync(release, s_none);
            });
            Assert.Equal(isNothing ? null : RegistryFault.Malformed, (error as EstreamRegistryException)?.Fault);
            await File.WriteAllBytesAsync(path, whole);
        }
    }

    [Fact]
    public async Task Duplicate_reference_name_is_refused()
    {
        using TempDirectory other = new();
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        await new OciLayoutRegistry(other.Path).PublishAsync(Of(Card, "1.0.0", "another"), s_none);
        foreach (string blob in Directory.GetFiles(other.Combine("blobs", "sha256")))
        {
            File.Copy(blob, _folder.Combine("blobs", "sha256", Path.GetFileName(blob)), overwrite: true);
        }

        // Each layout is valid by itself. In the merged layout, the result would depend on which manifest is found first.
        AddManifests([.. Manifests(other.Combine("index.json"))]);
        EstreamRegistryException error = await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().ListAsync(Card, s_none).AsTask());
        Assert.Equal(RegistryFault.Malformed, error.Fault);
        Assert.Contains("'acme/card:1.0.0' is the name of 2 manifests", error.Message, StringComparison.Ordinal);
        Assert.Empty(await Open().ListAsync(Iot, s_none));
    }

    [Fact]
    public async Task Too_many_manifests_of_one_component_are_refused_unread()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        JsonNode component = Manifests(_folder.Combine("index.json")).First(manifest => manifest["artifactType"] is not null);
        AddManifests([.. Enumerable.Range(1, RegistryLimits.MaxReleases).Select(number =>
        {
            JsonNode named = component.DeepClone();
            named["annotations"]!["org.opencontainers.image.ref.name"] = $"acme/card:1.0.{number}";
            return named;
        })]);
        EstreamRegistryException error = await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().ListAsync(Card, s_none).AsTask());
        Assert.Equal(RegistryFault.Malformed, error.Fault);
        Assert.Contains("4097 manifests of @acme/card", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Referrer_with_another_subject_is_refused()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        await Open().PublishAsync(Of(Card, "2.0.0"), s_none);
        RegistryRelease release = (await Open().ListAsync(Card, s_none))[0];
        JsonNode index = JsonNode.Parse(File.ReadAllBytes(_folder.Combine("index.json")))!;
        JsonNode[] referrers = [.. index["manifests"]!.AsArray()
            .Where(manifest => RefName(manifest!).StartsWith("sha256-", StringComparison.Ordinal)).Select(manifest => manifest!)];
        (string first, string second) = (RefName(referrers[0]), RefName(referrers[1]));
        (referrers[0]["annotations"]![RefNameKey], referrers[1]["annotations"]![RefNameKey]) = (second, first);
        File.WriteAllText(_folder.Combine("index.json"), index.ToJsonString());
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().ReadBundleAsync(release, s_none).AsTask());
        Assert.Contains("its subject is not the manifest", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifest_must_have_the_name_and_the_package_of_its_release()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        await Open().PublishAsync(Of(Card, "2.0.0"), s_none);
        RegistryRelease release = (await Open().ListAsync(Card, s_none))[0];
        JsonNode index = JsonNode.Parse(File.ReadAllBytes(_folder.Combine("index.json")))!;
        JsonNode[] components = [.. index["manifests"]!.AsArray()
            .Where(manifest => RefName(manifest!).StartsWith("acme/card:", StringComparison.Ordinal)).Select(manifest => manifest!)];
        JsonNode Manifest(JsonNode descriptor) =>
            JsonNode.Parse(File.ReadAllBytes(_folder.Combine("blobs", "sha256", ((string)descriptor["digest"]!)["sha256:".Length..])))!;

        // Combines the config of one release with the package of another release; each part is valid by itself.
        JsonNode mixed = Manifest(components[0]);
        mixed["layers"] = Manifest(components[1])["layers"]!.DeepClone();
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(mixed.ToJsonString());
        string hex = Convert.ToHexStringLower(SHA256.HashData(bytes));
        File.WriteAllBytes(_folder.Combine("blobs", "sha256", hex), bytes);
        string digest = (string)components[0]["digest"]!;
        long size = (long)components[0]["size"]!;
        (components[0]["digest"], components[0]["size"]) = ("sha256:" + hex, bytes.Length);
        File.WriteAllText(_folder.Combine("index.json"), index.ToJsonString());
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().ReadPackageAsync(release, s_none).AsTask());
        Assert.Contains("its layer is not the package of @acme/card 1.0.0", error.Message, StringComparison.Ordinal);

        // A manifest with the reference name of another version is refused too.
        (components[0]["digest"], components[0]["size"]) = (digest, size);
        components[0]["annotations"]![RefNameKey] = "acme/card:9.0.0";
        File.WriteAllText(_folder.Combine("index.json"), index.ToJsonString());
        error = await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().ListAsync(Card, s_none).AsTask());
        Assert.Contains("it is named 'acme/card:9.0.0' but is another release", error.Message, StringComparison.Ordinal);
    }

    private static string RefName(JsonNode manifest) => (string)manifest["annotations"]![RefNameKey]!;

    private static IEnumerable<JsonNode> Manifests(string index) => JsonNode.Parse(File.ReadAllBytes(index))!["manifests"]!.AsArray()
        .Select(manifest => manifest!.DeepClone());

    private void AddManifests(JsonNode[] manifests)
    {
        JsonNode index = JsonNode.Parse(File.ReadAllBytes(_folder.Combine("index.json")))!;
        Array.ForEach(manifests, index["manifests"]!.AsArray().Add);
        File.WriteAllText(_folder.Combine("index.json"), index.ToJsonString());
    }

    private protected override IComponentRegistry Open() => new OciLayoutRegistry(_folder.Path);

    private JsonDocument Read(string name) => JsonDocument.Parse(File.ReadAllBytes(_folder.Combine(name)));

    private JsonDocument Blob(JsonElement descriptor) => JsonDocument.Parse(Bytes(descriptor));

    private byte[] Bytes(JsonElement descriptor)
    {
        string hex = descriptor.GetProperty("digest").GetString()!["sha256:".Length..];
        byte[] content = File.ReadAllBytes(_folder.Combine("blobs", "sha256", hex));
        Assert.Equal(hex, Convert.ToHexStringLower(SHA256.HashData(content)));
        Assert.Equal(descriptor.GetProperty("size").GetInt64(), content.Length);
        return content;
    }
}
