using System.Text;
using Estream.Fuzz.Esf;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Toml;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Damages TOML and manifests: each is read as it is, or its errors are reported with their positions. A failure names the
/// seed that repeats it.</summary>
public sealed class ManifestFuzzTests
{
    private const string Toml = """"
        # every kind
        a.b."c d" = [ 1, -42, 0x0f, 1_000.5e-3, inf, { x = 'y', z = """q
        \
          r\u00e9\U0001F600""" } ] # end
        'k' = 1979-05-27 07:32:00.123+02:00
        t = 07:32:00
        d = 1979-05-27
        [a.header]
        bool = true
        [[items.list]]
        name = '''
        text'''
        [[items.list]]
        [items.list.inner]
        x = "\b\t\n\f\r\"\\"
        """";

    private static readonly byte[][] s_manifests =
    [
        .. Directory.EnumerateFiles(RepositoryRoot.Combine("circuits"), ComponentManifest.FileName, SearchOption.AllDirectories).Take(3)
        .Select(File.ReadAllBytes),
        .. File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "manifest.md"))
        .Split("```toml\n")[1..].Select(rest => Encoding.UTF8.GetBytes(rest.Split("```")[0])),
    ];

    [Fact]
    public void Damaged_TOML_is_read_or_its_first_error_is_reported()
    {
        byte[][] files = [Encoding.UTF8.GetBytes(Toml), .. s_manifests];
        Assert.NotNull(TomlReader.Read(files[0]).Root);
        int count = LongRun.Count(20_000, 2_000_000);
        for (int seed = 0; seed < count; seed++)
        {
            byte[] damaged = new Bytes(seed).Damaged(files);
            try
            {
                TomlReadResult result = TomlReader.Read(damaged);
                Assert.True(result.Root is null != result.Error is null);
                AssertInside(damaged, result.Error?.Position.Line ?? 1, result.Error?.Position.Column ?? 1);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(damaged)}", failure);
            }
        }
    }

    [Fact]
    public void A_damaged_component_manifest_is_read_or_its_errors_are_reported()
    {
        int read = 0;
        int count = LongRun.Count(10_000, 1_000_000);
        for (int seed = 0; seed < count; seed++)
        {
            byte[] damaged = new Bytes(seed).Damaged(s_manifests);
            try
            {
                ManifestReadResult result = ManifestReader.Read(damaged);
                Assert.True(result.Manifest is null == result.Diagnostics.Count > 0);
                Assert.All(result.Diagnostics, mistake => AssertInside(damaged, mistake.Position.Line, mistake.Position.Column));
                Assert.All(result.Diagnostics, mistake => Assert.StartsWith("MAN", mistake.Code, StringComparison.Ordinal));
                read += result.Manifest is null ? 0 : 1;
                _ = result.Manifest?.Includes("schemas/a/b.esf.yaml");
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Encoding.UTF8.GetString(damaged)}", failure);
            }
        }

        Assert.InRange(read, 1, count - 1);
    }

    private static void AssertInside(byte[] file, int line, int column)
    {
        Assert.InRange(line, 1, file.Count(b => b == '\n') + 1);
        Assert.InRange(column, 1, file.Length + 1);
    }
}
