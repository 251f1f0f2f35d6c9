using System.IO.Compression;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>A package is exactly one gzip member.</summary>
public sealed class GzipMemberTests
{
    private static readonly byte[] s_archive = Archive.WithManifest()
        .Add("f", [.. Enumerable.Range(0, 40_000).Select(i => (byte)(i * i / 7))]).ToArray();

    [Fact]
    public void Identity_does_not_depend_on_compression()
    {
        PackageIdentity? identity = Archive.Read(Archive.Stored(s_archive)).Identity;
        Assert.NotNull(identity);
        foreach (CompressionLevel level in Enum.GetValues<CompressionLevel>())
        {
            Assert.Equal(identity, Archive.Read(Archive.Gzip(s_archive, level)).Identity);
        }
    }

    [Theory]
    [InlineData(0, 0x1E, PackageFault.NotGzip)]
    [InlineData(1, 0, PackageFault.NotGzip)]
    [InlineData(2, 7, PackageFault.NotGzip)]
    [InlineData(3, 1, PackageFault.GzipHeaderFields)]
    [InlineData(3, 2, PackageFault.GzipHeaderFields)]
    [InlineData(3, 4, PackageFault.GzipHeaderFields)]
    [InlineData(3, 8, PackageFault.GzipHeaderFields)]
    [InlineData(3, 16, PackageFault.GzipHeaderFields)]
    [InlineData(3, 32, PackageFault.GzipHeaderFields)]
    [InlineData(4, 1, PackageFault.GzipHeaderFields)]
    [InlineData(7, 1, PackageFault.GzipHeaderFields)]
    public void Gzip_header_with_optional_fields_is_rejected(int at, byte value, PackageFault fault)
    {
        byte[] package = Archive.Gzip(s_archive);
        package[at] = value;
        PackageReaderTests.Expect(fault, 10, package, path: null);
    }

    [Fact]
    public void Second_gzip_member_is_rejected()
    {
        byte[] one = Archive.Gzip(s_archive);
        byte[] empty = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        foreach (byte[] more in new byte[][] { one, empty, one[^8..], [0], new byte[7], new byte[8], new byte[9], new byte[100_000],
            [.. new byte[3], .. one[^8..]] })
        {
            foreach (byte[] member in new[] { one, Archive.Stored(s_archive) })
            {
                Assert.Equal(PackageFault.BytesAfterMember, Archive.Read([.. member, .. more]).Fault);
            }
        }
    }

    [Fact]
    public void Bytes_between_deflate_data_and_checksum_are_rejected()
    {
        foreach (byte[] member in new[] { Archive.Gzip(s_archive), Archive.Stored(s_archive) })
        {
            foreach (int count in new[] { 1, 2, 7, 8, 9, 8_191, 8_192, 8_193, 40_000 })
            {
                Assert.Equal((count, PackageFault.BytesAfterMember),
                    (count, Archive.Read([.. member[..^8], .. new byte[count], .. member[^8..]]).Fault));
            }
        }
    }

    [Fact]
    public void Archive_split_over_two_gzip_members_is_rejected()
    {
        byte[] package = [.. Archive.Gzip(s_archive[..1024]), .. Archive.Gzip(s_archive[1024..])];
        Assert.False(Archive.Read(package).IsPackage);
    }

    [Fact]
    public void Package_truncated_anywhere_is_rejected()
    {
        foreach (byte[] package in new[] { Archive.Gzip(s_archive), Archive.Stored(s_archive) })
        {
            for (int length = 0; length < package.Length; length += length < 100 || length > package.Length - 300 ? 1 : 97)
            {
                Assert.Equal((length, PackageFault.Truncated), (length, Archive.Read(package[..length]).Fault));
            }
        }
    }

    [Fact]
    public void Archive_truncated_at_any_block_is_rejected()
    {
        for (int length = 0; length < s_archive.Length; length += Archive.Block)
        {
            PackageReadResult result = Archive.Read(Archive.Gzip(s_archive[..length]));
            Assert.Equal((length, PackageFault.Truncated), (length, result.Fault));
            Assert.Equal(PackageFault.Truncated, Archive.Read(Archive.Gzip(s_archive[..(length + 100)])).Fault);
        }
    }

    [Fact]
    public void Data_after_the_end_of_the_archive_is_rejected()
    {
        PackageReaderTests.Expect(PackageFault.BytesAfterEnd, s_archive.Length, Archive.Gzip([.. s_archive, 1]), path: null);
        PackageReaderTests.Expect(PackageFault.BytesAfterEnd, s_archive.Length, Archive.Gzip([.. s_archive, .. new byte[8192]]),
            path: null);
        PackageReaderTests.Expect(PackageFault.BytesAfterEnd, s_archive.Length, Archive.Gzip([.. s_archive, .. s_archive]), path: null);
        byte[] between = [.. s_archive];
        between[^1] = 1;
        PackageReaderTests.Expect(PackageFault.BytesAfterEnd, s_archive.Length - 512, Archive.Gzip(between), path: null);
    }

    [Fact]
    public void Damaged_package_is_rejected()
    {
        PackageIdentity identity = Archive.Read(Archive.Stored(s_archive)).Identity!;
        foreach (byte[] package in new[] { Archive.Gzip(s_archive), Archive.Stored(s_archive) })
        {
            for (int at = 10; at < package.Length; at += at > package.Length - 20 ? 1 : 311)
            {
                byte[] damaged = [.. package];
                damaged[at] ^= 0x10;

                // Some bits of the deflate data are unused. Flipping an unused bit gives a package with the same identity.
                Assert.True(Archive.Read(damaged).Identity is not PackageIdentity other || other == identity, $"byte {at}");
            }

            byte[] wrong = [.. package];
            wrong[^8] ^= 1;
            Assert.Equal(PackageFault.WrongChecksum, Archive.Read(wrong).Fault);
            wrong[^8] ^= 1;
            wrong[^1] ^= 1;
            Assert.Equal(PackageFault.WrongChecksum, Archive.Read(wrong).Fault);
        }

        byte[] reserved = Archive.Stored(s_archive);
        reserved[10] |= 6;
        Assert.Equal(PackageFault.CorruptData, Archive.Read(reserved).Fault);
    }

    [Fact]
    public void Reading_in_small_pieces_gives_the_same_package()
    {
        byte[] package = Archive.Gzip(s_archive);
        Assert.Equal(Archive.Read(package).Identity, PackageReader.Read(new DripStream(package)).Identity);
        Assert.Equal(PackageFault.BytesAfterMember, PackageReader.Read(new DripStream([.. package, 0])).Fault);
        Assert.Equal(PackageFault.Truncated, PackageReader.Read(new DripStream(package[..^1])).Fault);
    }

    // Returns a few bytes per read, as networks do.
    private sealed class DripStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, 1 + (int)(Position % 3)));
    }
}
