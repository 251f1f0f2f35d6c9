using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Fuzz.Crypto;
using Estream.Marketplace;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Oci;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Damages the files of registries and reads them: they are rejected with a reason, or give the original content. A failure
/// names its seed.</summary>
public sealed class RegistryFuzzTests : IDisposable
{
    private static readonly ComponentName s_card = ComponentName.Parse("@acme/card");
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_damaged_index_is_rejected_or_written_back_unchanged()
    {
        byte[] index = ReleaseIndex.Empty(s_card).With(Publication().Release).Encode();
        for (int seed = 0; seed < LongRun.Count(2_000, 200_000); seed++)
        {
            byte[] damaged = Damage.Of(index, new Random(seed));
            if (ReleaseIndex.TryRead(damaged, out ReleaseIndex? read, out string? reason))
            {
                Assert.True(ReleaseIndex.TryRead(read.Encode(), out ReleaseIndex? again, out _), $"seed {seed}");
                Assert.Equal(read.Encode(), again.Encode());
            }
            else
            {
                Assert.False(string.IsNullOrEmpty(reason), $"seed {seed}");
            }
        }
    }

    [Fact]
    public async Task A_damaged_catalogue_is_rejected_or_returns_the_signed_content()
    {
        CatalogFiles catalog = CatalogFiles.Of([ReleaseIndex.Empty(s_card).With(Publication().Release)], []);
        string[] paths = [.. catalog.Content.Keys.Order(StringComparer.Ordinal)];
        for (int seed = 0; seed < LongRun.Count(2_000, 200_000); seed++)
        {
            Random random = new(seed);
            string path = paths[random.Next(paths.Length)];
            byte[] damaged = Damage.Of(catalog.Content[path], random);
            _ = CatalogDocument.TryRead(damaged, out _, out string? reason);
            _ = CatalogPart.TryRead(damaged, out _, out reason);
            MemoryFileSource source = new();
            foreach ((string other, byte[] content) in catalog.Content)
            {
                source.Put(other, other == path ? damaged : content);
            }

            try
            {
                Assert.Equal(Publication().Release,
                    (await new CatalogReader(source, catalog.Top, "memory").FindAsync(s_card, s_none)).Releases.Single());
            }
            catch (EstreamRegistryException refused)
            {
                Assert.True(refused.Fault == RegistryFault.Untrusted, $"seed {seed}");
            }
        }
    }

    [Fact]
    public async Task A_damaged_layout_is_rejected_or_returns_the_original_content()
    {
        OciLayoutRegistry registry = new(_folder.Path);
        RegistryPublication publication = Publication();
        await registry.PublishAsync(publication, s_none);
        await registry.YankAsync(s_card, publication.Release.Version, "Damaged.", s_none);
        string[] files =
            [.. Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0)];
        for (int seed = 0; seed < LongRun.Count(400, 20_000); seed++)
        {
            Random random = new(seed);
            string file = files[random.Next(files.Length)];
            byte[] whole = await File.ReadAllBytesAsync(file);
            await File.WriteAllBytesAsync(file, Damage.Of(whole, random));
            try
            {
                foreach (RegistryRelease release in await registry.ListAsync(s_card, s_none))
                {
                    Assert.Equal(publication.Package.ToArray(), await registry.ReadPackageAsync(release, s_none));
                    await registry.ReadBundleAsync(release, s_none);
                }
            }
            catch (EstreamException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}, {file}: {error.Message}", error);
            }

            await File.WriteAllBytesAsync(file, whole);
        }
    }

    private static RegistryPublication Publication()
    {
        byte[] package = Encoding.ASCII.GetBytes("a package");
        return new RegistryPublication(
            new RegistryRelease
            {
                Name = s_card,
                Version = SemanticVersion.Parse("1.0.0"),
                Category = "wire-adapter",
                Root256 = new string('a', 64),
                Dependencies = [new RegistryRequirement(ComponentName.Parse("esf-iot"), VersionRange.Parse("^1.2"))],
                License = "Apache-2.0",
                Published = DateTimeOffset.UnixEpoch,
                PackageBytes = package.Length,
                PackageSha256 = Convert.ToHexStringLower(SHA256.HashData(package)),
            },
            package,
            Encoding.ASCII.GetBytes("a bundle"));
    }
}
