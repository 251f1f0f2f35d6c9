using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Catalogs;

/// <summary>A catalog is identified by one hash; components are found by name, and changed files are rejected.</summary>
public sealed class CatalogTests
{
    [Fact]
    public async Task Catalog_file_that_differs_from_the_signed_one_is_rejected()
    {
        (CatalogFiles catalog, MemoryFileSource source) = Make(3);
        foreach (string path in catalog.Content.Keys)
        {
            byte[] right = catalog.Content[path], wrong = [.. right];
            wrong[^1] ^= 1;
            source.Put(path, wrong);
            bool isNeeded = path == RegistryPaths.Catalog(catalog.Top.Sha256) || catalog.Content[path].AsSpan()
                .IndexOf("catalog-part"u8) >= 0 || catalog.Content[path].AsSpan().IndexOf("\"@acme/c1\""u8) >= 0;
            if (isNeeded)
            {
                EstreamRegistryException refused =
                    await Assert.ThrowsAsync<EstreamRegistryException>(() => FindAsync(source, catalog.Top, "@acme/c1"));
                Assert.Equal(RegistryFault.Untrusted, refused.Fault);
                Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            }

            source.Put(path, right);
        }

        Assert.Equal("@acme/c1", (await FindAsync(source, catalog.Top, "@acme/c1")).Name.ToString());
    }

    [Fact]
    public async Task Index_of_another_component_is_rejected()
    {
        MemoryFileSource source = new();
        DocumentReference Put(byte[] bytes)
        {
            DocumentReference reference = DocumentReference.Of(1, bytes);
            source.Put(RegistryPaths.Catalog(reference.Sha256), bytes);
            return reference;
        }

        DocumentReference other = Put(ReleaseIndex.Empty(ComponentName.Parse("@acme/other")).Encode());
        DocumentReference part = Put(
            new CatalogPart(new Dictionary<string, DocumentReference> { ["@acme/c1"] = other },
                new Dictionary<string, DocumentReference>()).Encode());
        EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            FindAsync(source, Put(new CatalogDocument([part]).Encode()), "@acme/c1"));
        Assert.Contains("it is of @acme/other, and @acme/c1 is looked for", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"parts\":[],\"type\":\"catalog\",\"version\":1}")]
    [InlineData("{\"parts\":[],\"type\":\"catalog\",\"version\":2}")]
    [InlineData("{ \"parts\":[],\"type\":\"catalog\",\"version\":1}")]
    public void Invalid_catalog_is_rejected(string text) =>
        Assert.False(CatalogDocument.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out _, out _));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 16)]
    [InlineData(5000, 256)]
    public async Task Every_listed_name_is_found_and_unlisted_names_are_not(int count, int parts)
    {
        (CatalogFiles catalog, MemoryFileSource source) = Make(count);
        Assert.True(
            CatalogDocument.TryRead(catalog.Content[RegistryPaths.Catalog(catalog.Top.Sha256)], out CatalogDocument? document, out _));
        Assert.Equal(parts, document.Parts.Count);
        CatalogReader reader = new(source, catalog.Top, "memory");
        foreach (int number in Enumerable.Range(0, count).Where(number => number % 97 == 0 || number == count - 1))
        {
            Assert.Single((await reader.FindAsync(ComponentName.Parse($"@acme/c{number}"), CancellationToken.None)).Releases);
        }

        Assert.Empty((await reader.FindAsync(ComponentName.Parse($"@acme/c{count}"), CancellationToken.None)).Releases);
        Assert.Null(await reader.FindAsync(NamespaceName.Of(ComponentName.Parse("@other/card")), CancellationToken.None));
    }

    [Fact]
    public void Change_of_one_component_rewrites_three_catalog_files()
    {
        ReleaseIndex[] before = [.. Enumerable.Range(0, 400).Select(Index)];
        CatalogFiles first = CatalogFiles.Of(before, []);
        ReleaseIndex changed = before[7].With(before[7].Releases[0] with { YankReason = "It rings." });
        CatalogFiles second = CatalogFiles.Of([.. before.Where(index => index.Name != changed.Name), changed], []);
        Assert.Equal(3, second.Content.Keys.Except(first.Content.Keys).Count());
    }

    private static (CatalogFiles Catalog, MemoryFileSource Source) Make(int count)
    {
        CatalogFiles catalog = CatalogFiles.Of(Enumerable.Range(0, count).Select(Index), []);
        MemoryFileSource source = new();
        foreach ((string path, byte[] content) in catalog.Content)
        {
            source.Put(path, content);
        }

        return (catalog, source);
    }

    private static ReleaseIndex Index(int number)
    {
        ComponentName name = ComponentName.Parse($"@acme/c{number}");
        return ReleaseIndex.Empty(name).With(new RegistryRelease
        {
            Name = name,
            Version = SemanticVersion.Parse("1.0.0"),
            Category = "wire-adapter",
            Root256 = new string('a', 64),
            License = "Apache-2.0",
            Published = DateTimeOffset.UnixEpoch,
            PackageBytes = 1,
            PackageSha256 = new string('b', 64),
        });
    }

    private static async Task<ReleaseIndex> FindAsync(MemoryFileSource source, DocumentReference top, string name) =>
        await new CatalogReader(source, top, "memory").FindAsync(ComponentName.Parse(name), CancellationToken.None);
}
