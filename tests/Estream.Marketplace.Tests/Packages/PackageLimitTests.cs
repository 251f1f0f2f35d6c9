using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Tests every limit just below and just above its value.</summary>
public sealed class PackageLimitTests
{
    private static readonly byte[] s_archive = Archive.WithManifest().Add("f", new byte[3000]).Add("g", [1]).ToArray();

    [Fact]
    public void Package_file_size_limit_is_enforced()
    {
        byte[] package = Archive.Stored(s_archive);
        Assert.True(Archive.Read(package, new PackageLimits { MaxPackageBytes = package.Length }).IsPackage);
        Assert.Equal(PackageFault.PackageTooLarge, Archive.Read(package, new PackageLimits { MaxPackageBytes = package.Length - 1 }).Fault);
    }

    [Fact]
    public void Archive_size_limit_is_enforced()
    {
        byte[] package = Archive.Gzip(s_archive);
        Assert.True(Archive.Read(package, new PackageLimits { MaxArchiveBytes = s_archive.Length }).IsPackage);
        Assert.Equal(PackageFault.ArchiveTooLarge,
            Archive.Read(package, new PackageLimits { MaxArchiveBytes = s_archive.Length - 1 }).Fault);
    }

    [Fact]
    public void File_size_limit_is_enforced()
    {
        byte[] package = Archive.Gzip(s_archive);
        Assert.True(Archive.Read(package, new PackageLimits { MaxFileBytes = 3000 }).IsPackage);
        PackageReaderTests.Expect(PackageFault.FileTooLarge, 1024, package, limits: new PackageLimits { MaxFileBytes = 2999 });
    }

    [Fact]
    public void Entry_count_limit_is_enforced()
    {
        byte[] package = Archive.Gzip(s_archive);
        Assert.True(Archive.Read(package, new PackageLimits { MaxEntries = 3 }).IsPackage);
        Assert.Equal(PackageFault.TooManyEntries, Archive.Read(package, new PackageLimits { MaxEntries = 2 }).Fault);
    }

    [Fact]
    public void Statements()
    {
        byte[] package = new Archive().Add("SIGNATURE.ml-dsa", new byte[10]).Add("attestations/a", new byte[20]).Add("attestations/b", [])
            .Add(Archive.Manifest, []).ToPackage();
        Assert.True(Archive.Read(package, new PackageLimits { MaxAttestations = 2, MaxStatementBytes = 20 }).IsPackage);
        PackageReaderTests.Expect(PackageFault.TooManyAttestations, 2048, package, limits: new PackageLimits { MaxAttestations = 1 });
        PackageReaderTests.Expect(PackageFault.StatementTooLarge, 1024, package, limits: new PackageLimits { MaxStatementBytes = 19 });
        PackageReaderTests.Expect(PackageFault.StatementTooLarge, 0, package, limits: new PackageLimits { MaxStatementBytes = 9 });
    }

    [Fact]
    public void Decompression_bomb_is_rejected_early()
    {
        byte[] package = Archive.WithManifest().Add("zeros", new byte[40 << 20]).ToPackage();
        PackageLimits patient = new() { MaxRatio = 2000 };
        Assert.True(Archive.Read(package, patient).IsPackage);
        CountingSink sink = new();
        PackageReadResult result = PackageReader.Read(new MemoryStream(package), sink);
        Assert.Equal(PackageFault.RatioTooHigh, result.Fault);
        Assert.InRange(sink.Bytes, 1, 4 << 20);
        sink = new CountingSink();
        Assert.Equal(PackageFault.ArchiveTooLarge,
            PackageReader.Read(new MemoryStream(package), sink, patient with { MaxArchiveBytes = 5 << 20 }).Fault);
        Assert.InRange(sink.Bytes, 1, 6 << 20);
    }

    [Fact]
    public void Large_length_in_a_header_allocates_no_memory()
    {
        byte[] header = Archive.Header(Archive.Manifest, 60 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(PackageFault.Truncated, Package.Read(new MemoryStream(Archive.Gzip(header)), out Package? package).Fault);
        Assert.Null(package);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private sealed class CountingSink : IPackageSink
    {
        public long Bytes { get; private set; }

        public void Begin(string path, PackageEntryKind kind, bool isExecutable, long length)
        {
        }

        public void Write(ReadOnlySpan<byte> data) => Bytes += data.Length;

        public void Complete()
        {
        }
    }
}
