using System.IO.Compression;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Damages packages and attestations, and combines them from others. Nothing throws, and every accepted package is byte for byte
/// a valid package. A failure names its seed.</summary>
public sealed class PackageFuzzTests
{
    private const int Block = 512;

    // Characters that have a meaning in headers for some reader.
    private const string Characters = "\0 012356789xgLS./ab-\u0080\u00ff";

    private static readonly Package[] s_packages = [.. Enumerable.Range(0, 8).Select(Sample)];
    private static readonly byte[][] s_archives = [.. s_packages.Select(package => Unpack(Bytes(package)))];

    [Fact]
    public void An_accepted_package_is_valid_to_the_byte()
    {
        Dictionary<PackageFault, int> faults = [];
        PackageLimits limits = new() { MaxArchiveBytes = 1 << 20 };
        for (int seed = 0; seed < LongRun.Count(20_000, 1_000_000); seed++)
        {
            Random random = new(seed);
            try
            {
                byte[] archive = MakeArchive(random);
                byte[] bytes = random.Next(3) == 0 ? Damage.Of(Pack(archive), random) : Pack(archive);
                PackageReadResult result = PackageReader.Read(new MemoryStream(bytes), null, limits);
                Assert.Equal(result.Fault, Package.Read(new MemoryStream(bytes), out Package? package, limits).Fault);
                faults[result.Fault] = faults.GetValueOrDefault(result.Fault) + 1;
                _ = result.ToString();
                Assert.Equal(result.IsPackage, package is not null);
                if (package is not null)
                {
                    // There is exactly one archive for given files, so a package that was read must be written back to the same bytes.
                    Assert.Equal(Unpack(bytes), Unpack(Bytes(package)));
                    Assert.Equal(result.Identity, package.Identity);
                }
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }

        // The damage reaches the checks of headers, paths and their order, and leaves some packages intact.
        Assert.InRange(faults.Count, 15, 100);
        Assert.True(faults.ContainsKey(PackageFault.None), string.Join(", ", faults));
    }

    [Fact]
    public void Damaged_attestations_state_nothing_false()
    {
        Package package = s_packages[3];
        VectorRun run = new(
            [new VectorFile(package.Entries[^1].Path, package.Entries[^1].Sha256,
                [new VectorOutcome("one", []), new VectorOutcome("two", [])])]);
        byte[][] statements =
        [
            AttestationWriter.WriteBuild(package.Identity, "@a/b@1.0.0",
                new BuildRecord("1", [new BuildInput("git+https://a.example/b", "gitCommit", "00")])),
            AttestationWriter.WriteVectors(package.Identity, "@a/b@1.0.0", run),
        ];
        int whole = 0;
        for (int seed = 0; seed < LongRun.Count(20_000, 1_000_000); seed++)
        {
            Random random = new(seed);
            byte[] bytes = Damage.Of(statements[random.Next(2)], random);
            try
            {
                PackageAttestationFault fault =
                    AttestationReader.Read(bytes, package.Identity, package.Entries, out PackageAttestation? attestation);
                Assert.Equal(fault == PackageAttestationFault.None, attestation is not null);
                whole += attestation is null ? 0 : 1;
                Assert.True(attestation?.HasPassed != true || (attestation.Passed.Count > 0 && attestation.Failed.Count == 0));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }

        Assert.InRange(whole, 1, int.MaxValue);
    }

    private static byte[] MakeArchive(Random random)
    {
        byte[] archive = [.. s_archives[random.Next(s_archives.Length)]];
        for (int change = random.Next(4); change > 0; change--)
        {
            int at = random.Next(archive.Length / Block) * Block;
            Span<byte> block = archive.AsSpan(at, Block);
            switch (random.Next(6))
            {
                case 0:
                    block[random.Next(Block)] = (byte)random.Next(256);
                    break;
                case 1:
                    // The offsets of the header fields.
                    int[] fields = [0, 1, 99, 100, 106, 107, 108, 124, 134, 135, 136, 148, 156, 157, 257, 263, 265, 329, 345, 346, 500];
                    block[fields[random.Next(fields.Length)]] = (byte)Characters[random.Next(Characters.Length)];
                    break;
                case 2:
                    archive.AsSpan(random.Next(archive.Length / Block) * Block, Block).CopyTo(block);
                    break;
                case 3:
                    byte[] other = s_archives[random.Next(s_archives.Length)];
                    other.AsSpan(random.Next(other.Length / Block) * Block, Block).CopyTo(block);
                    break;
                case 4:
                    archive = [.. archive[..at], .. archive[(at + Block)..]];
                    break;
                default:
                    archive = [.. archive[..at], .. new byte[Block], .. archive[at..]];
                    break;
            }

            if (archive.Length == 0)
            {
                return archive;
            }

            FixChecksum(archive.AsSpan(Math.Min(at, archive.Length - Block), Block));
        }

        return archive;
    }

    // Corrects the checksum of a damaged header: otherwise nearly every case would end at the first check.
    private static void FixChecksum(Span<byte> block)
    {
        if (!block.Slice(257, 5).SequenceEqual("ustar"u8))
        {
            return;
        }

        block.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in block)
        {
            sum += value;
        }

        for (int digit = 5; digit >= 0; digit--, sum >>= 3)
        {
            block[148 + digit] = (byte)('0' + (sum & 7));
        }

        block[154] = 0;
    }

    private static Package Sample(int number)
    {
        Random random = new(number);
        List<PackageFile> files = [new(PackagePath.Manifest, false, new byte[number])];
        for (int file = 0; file < number; file++)
        {
            byte[] content = new byte[random.Next(2_000)];
            random.NextBytes(content);
            files.Add(new PackageFile($"{(char)('a' + random.Next(4))}/{(char)('a' + random.Next(4))}{file}", random.Next(2) == 0,
                content));
        }

        return number % 2 == 0 ? Package.Of(files) : Package.Of(files).With(PackagePath.Signature, new byte[100])
            .With(AttestationWriter.BuildPath, "{}"u8.ToArray());
    }

    private static byte[] Bytes(Package package)
    {
        using MemoryStream bytes = new();
        package.Write(bytes);
        return bytes.ToArray();
    }

    private static byte[] Pack(byte[] archive)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(archive);
        }

        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] package)
    {
        using GZipStream gzip = new(new MemoryStream(package), CompressionMode.Decompress);
        using MemoryStream unpacked = new();
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
