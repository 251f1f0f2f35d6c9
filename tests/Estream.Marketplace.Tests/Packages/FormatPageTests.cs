using System.Globalization;
using System.Security.Cryptography;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>The bytes shown on the format page, and other bytes that must never change.</summary>
public sealed class FormatPageTests : PackageCase
{
    private static readonly string s_page = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "package.md"));

    [Fact]
    public void Example_of_the_format_page_matches_written_bytes()
    {
        Package package = Package.Of(
            [new PackageFile(PackagePath.Manifest, false, "[component]\n"u8.ToArray()),
                new PackageFile("bin/hello", true, "#!/bin/sh\n"u8.ToArray())]);
        byte[] shown = Shown();
        Assert.Equal(3_095, shown.Length);
        Assert.Equal(shown, Bytes(package));
        Assert.Contains($"root256 {package.Identity.Root256}\nroot3   {package.Identity.Root3}\n", s_page, StringComparison.Ordinal);
        Assert.Equal(package.Identity, Archive.Read(shown).Identity);
    }

    // The package has generated files with sizes around the sizes of archive and deflate blocks, a split path, an executable file, and
    // statements.
    [Fact]
    public void Golden_package_keeps_its_bytes_and_roots()
    {
        List<PackageFile> files = [new(PackagePath.Manifest, false, "[component]\n"u8.ToArray()),
            new(PackagePath.Signature, false, new byte[] { 1, 2, 3 }), new("attestations/a.json", false, "{}"u8.ToArray())];
        foreach (int length in new[] { 0, 1, 511, 512, 513, 65_535, 70_000 })
        {
            files.Add(new PackageFile($"{new string('f', 60)}/{new string('g', 59)}/{length}", length % 3 == 0,
                Enumerable.Range(0, length).Select(i => (byte)(i * 31 / 7)).ToArray()));
        }

        Package package = Package.Of(files);
        Assert.Equal("4b80680e529868c5ad309769638dd33740d4aab129e736baf5293c5e9c23ae5e", package.Identity.Root256);
        Assert.Equal("6e0f642059c81a4bd0da668516642129517070cb38f9dd0dfff5fb979ae725f2", package.Identity.Root3);
        Assert.Equal("1ddbb2eecd5d9f209550d1ce7a929e2115ea896fa43761e9047f1a6b74dfc2dc",
            Convert.ToHexStringLower(SHA256.HashData(Bytes(package))));
    }

    [Fact]
    public void Limits_on_the_format_page_match_the_reader()
    {
        PackageLimits limits = PackageLimits.Default;
        foreach (string row in new[]
        {
            $"| the file | {limits.MaxPackageBytes >> 20} MiB |", $"| the archive | {limits.MaxArchiveBytes >> 20} MiB |",
            $"| the archive by the file, from {limits.RatioFromBytes >> 20} MiB of archive on | {limits.MaxRatio} to 1 |",
            $"| a file of the content | {limits.MaxFileBytes >> 20} MiB |",
            string.Create(CultureInfo.InvariantCulture, $"| entries | {limits.MaxEntries:N0} |"),
            $"| attestations | {limits.MaxAttestations} |",
            $"| the signature, and each attestation | {limits.MaxStatementBytes >> 20} MiB |",
        })
        {
            Assert.Contains(row, s_page, StringComparison.Ordinal);
        }
    }

    // Each line has an offset, sixteen bytes and their text; omitted bytes are zero.
    private static byte[] Shown()
    {
        string[] lines = s_page.Split("lines of zeros are left out:\n\n```\n")[1].Split("\n```")[0].Split('\n');
        SortedDictionary<int, byte[]> rows = [];
        foreach (string line in lines)
        {
            rows.Add(int.Parse(line[..6], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                Convert.FromHexString(line[8..55].Replace(" ", "", StringComparison.Ordinal)));
        }

        byte[] bytes = new byte[rows.Last().Key + rows.Last().Value.Length];
        foreach ((int at, byte[] row) in rows)
        {
            row.CopyTo(bytes, at);
        }

        return bytes;
    }
}
