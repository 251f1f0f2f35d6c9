using System.Text;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Accepted and rejected packages: one fault at a time in otherwise valid packages.</summary>
public sealed class PackageReaderTests
{
    [Fact]
    public void Hand_built_package_is_read()
    {
        string deep = string.Concat(Enumerable.Repeat("folder-of-ten/", 10)) + "file.bin";
        byte[] large = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * i))];
        Archive archive = new Archive()
            .Add("SIGNATURE.ml-dsa", [1, 2, 3])
            .Add("a/empty", [])
            .Add("a/run", new byte[512], header => Archive.Put(header, 100, "0000755\0"))
            .Add("attestations/build.json", "{}"u8)
            .Add(Archive.Manifest, "[component]\n"u8)
            .Add(deep, large);
        PackageReadResult result = PackageReader.Read(new MemoryStream(archive.ToPackage()));
        Assert.Equal((PackageFault.None, 0L, null), (result.Fault, result.Offset, result.Path));
        Assert.Equal(
            [("SIGNATURE.ml-dsa", PackageEntryKind.Signature, false, 3L), ("a/empty", PackageEntryKind.Content, false, 0L),
                ("a/run", PackageEntryKind.Content, true, 512L),
             ("attestations/build.json", PackageEntryKind.Attestation, false, 2L), (Archive.Manifest, PackageEntryKind.Content, false, 12L),
             (deep, PackageEntryKind.Content, false, 200_000L)],
            result.Entries.Select(entry => (entry.Path, entry.Kind, entry.IsExecutable, entry.Length)));
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", result.Entries[1].Sha256);
        Assert.Equal("a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a", result.Entries[1].Sha3);
    }

    [Theory]
    [InlineData("../etc/passwd", PackageFault.PathDots)]
    [InlineData("a/../../b", PackageFault.PathDots)]
    [InlineData("./a", PackageFault.PathDots)]
    [InlineData("..", PackageFault.PathDots)]
    [InlineData("/etc/passwd", PackageFault.PathEmptySegment)]
    [InlineData("", PackageFault.PathEmptySegment)]
    [InlineData("a//b", PackageFault.PathEmptySegment)]
    [InlineData("a/", PackageFault.PathEmptySegment)]
    [InlineData("a\\b", PackageFault.PathCharacter)]
    [InlineData("..\\b", PackageFault.PathCharacter)]
    [InlineData("C:/windows", PackageFault.PathCharacter)]
    [InlineData("C:windows", PackageFault.PathCharacter)]
    [InlineData("a.txt:stream", PackageFault.PathCharacter)]
    [InlineData("a b", PackageFault.PathCharacter)]
    [InlineData("a\u00e9", PackageFault.PathCharacter)]
    [InlineData("a\u00cc\u0081", PackageFault.PathCharacter)]
    [InlineData("a\u007f", PackageFault.PathCharacter)]
    [InlineData("a\nb", PackageFault.PathCharacter)]
    [InlineData("a*", PackageFault.PathCharacter)]
    [InlineData("PROGRA~1", PackageFault.PathCharacter)]
    [InlineData("a.", PackageFault.PathSegmentEdge)]
    [InlineData("a./b", PackageFault.PathSegmentEdge)]
    [InlineData("...", PackageFault.PathSegmentEdge)]
    [InlineData("-rf", PackageFault.PathSegmentEdge)]
    [InlineData("CON", PackageFault.PathDeviceName)]
    [InlineData("a/nul.txt", PackageFault.PathDeviceName)]
    [InlineData("Aux/b", PackageFault.PathDeviceName)]
    [InlineData("prn.tar.gz", PackageFault.PathDeviceName)]
    [InlineData("lpt1", PackageFault.PathDeviceName)]
    [InlineData("COM9.log", PackageFault.PathDeviceName)]
    [InlineData("signature.ML-DSA", PackageFault.PathReserved)]
    [InlineData("SIGNATURE.ml-dsa/a", PackageFault.PathReserved)]
    [InlineData("Attestations/a", PackageFault.PathReserved)]
    [InlineData("attestations", PackageFault.PathReserved)]
    [InlineData("attestations/a/b", PackageFault.PathReserved)]
    [InlineData("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", PackageFault.PathTooDeep)]
    public void Ambiguous_or_unsafe_path_is_rejected(string path, PackageFault fault)
    {
        Assert.Equal(fault, PackagePath.Check(path));
        Archive archive = new Archive().Add("", [], header => Archive.Put(header, 0, path));
        Expect(fault, 0, archive.ToPackage());
    }

    [Theory]
    [InlineData("com.txt")]
    [InlineData("com10")]
    [InlineData("console/nulls.txt")]
    [InlineData(".config")]
    [InlineData("@scope/a+b_c-d")]
    [InlineData("signature.txt")]
    [InlineData("attestations.md")]
    [InlineData("a/attestations/b/c")]
    public void Portable_path_is_accepted(string path) => Assert.Equal(PackageFault.None, PackagePath.Check(path));

    [Fact]
    public void Path_that_does_not_fit_the_header_fields_is_rejected()
    {
        string hundred = new('n', 100), prefix = new('p', 155);
        Assert.Equal(PackageFault.None, PackagePath.Check(hundred));
        Assert.Equal(PackageFault.PathTooLong, PackagePath.Check(hundred + "n"));
        Assert.Equal(PackageFault.PathTooLong, PackagePath.Check("a/" + hundred + "n"));
        Assert.Equal(PackageFault.None, PackagePath.Check(prefix[..154] + "/" + hundred));
        Assert.Equal(PackageFault.PathTooLong, PackagePath.Check(prefix + "/" + hundred));
        Assert.Equal(PackageFault.PathTooLong, PackagePath.Check(prefix + "p/" + hundred));
        Assert.Equal(154, PackagePath.SplitAt(prefix[..154] + "/" + hundred));
    }

    // The offset in the header, the bytes to put there, and the expected fault.
    [Theory]
    [InlineData(156, "1", PackageFault.NotRegularFile)]
    [InlineData(156, "2", PackageFault.NotRegularFile)]
    [InlineData(156, "3", PackageFault.NotRegularFile)]
    [InlineData(156, "4", PackageFault.NotRegularFile)]
    [InlineData(156, "5", PackageFault.NotRegularFile)]
    [InlineData(156, "6", PackageFault.NotRegularFile)]
    [InlineData(156, "7", PackageFault.NotRegularFile)]
    [InlineData(156, "x", PackageFault.NotRegularFile)]
    [InlineData(156, "g", PackageFault.NotRegularFile)]
    [InlineData(156, "L", PackageFault.NotRegularFile)]
    [InlineData(156, "K", PackageFault.NotRegularFile)]
    [InlineData(156, "S", PackageFault.NotRegularFile)]
    [InlineData(156, "\0", PackageFault.NotRegularFile)]
    [InlineData(257, "ustar  \0", PackageFault.NotUstar)]
    [InlineData(257, "\0\0\0\0\0\0\0\0", PackageFault.NotUstar)]
    [InlineData(263, "01", PackageFault.NotUstar)]
    [InlineData(100, "0000600\0", PackageFault.Mode)]
    [InlineData(100, "0004755\0", PackageFault.Mode)]
    [InlineData(100, "0002644\0", PackageFault.Mode)]
    [InlineData(100, "0000777\0", PackageFault.Mode)]
    [InlineData(100, "0100644\0", PackageFault.Mode)]
    [InlineData(100, "    644\0", PackageFault.NumberForm)]
    [InlineData(100, "000644 \0", PackageFault.NumberForm)]
    [InlineData(100, "00000644", PackageFault.NumberForm)]
    [InlineData(108, "0000001\0", PackageFault.FixedFields)]
    [InlineData(116, "0001750\0", PackageFault.FixedFields)]
    [InlineData(116, "\0\0\0\0\0\0\0\0", PackageFault.NumberForm)]
    [InlineData(136, "00000000001\0", PackageFault.FixedFields)]
    [InlineData(136, "14000000000 ", PackageFault.NumberForm)]
    [InlineData(124, "0000000000 \0", PackageFault.NumberForm)]
    [InlineData(124, "0\0\0\0\0\0\0\0\0\0\0\0", PackageFault.NumberForm)]
    [InlineData(124, "\u0080\0\0\0\0\0\0\0\0\0\0\0", PackageFault.NumberForm)]
    [InlineData(124, "-0000000001\0", PackageFault.NumberForm)]
    [InlineData(124, "00000000008\0", PackageFault.NumberForm)]
    [InlineData(124, "77777777777\0", PackageFault.FileTooLarge)]
    [InlineData(157, "b", PackageFault.FixedFields)]
    [InlineData(256, "b", PackageFault.FixedFields)]
    [InlineData(265, "root", PackageFault.FixedFields)]
    [InlineData(297, "root", PackageFault.FixedFields)]
    [InlineData(329, "0000001\0", PackageFault.FixedFields)]
    [InlineData(337, "0000001\0", PackageFault.FixedFields)]
    [InlineData(337, "\0\0\0\0\0\0\0\0", PackageFault.NumberForm)]
    [InlineData(500, "x", PackageFault.FixedFields)]
    [InlineData(511, "x", PackageFault.FixedFields)]
    [InlineData(2, "\0b", PackageFault.PathFields)]
    [InlineData(99, "b", PackageFault.PathFields)]
    [InlineData(345, "p", PackageFault.PathFields)]
    [InlineData(345, "\0p", PackageFault.PathFields)]
    public void Tar_header_in_another_form_is_rejected(int at, string text, PackageFault fault)
    {
        Archive archive = Archive.WithManifest().Add("f", [], header => Archive.Put(header, at, text));
        Expect(fault, 1024, archive.ToPackage());
    }

    [Theory]
    [InlineData("000000\0 ")]
    [InlineData("        ")]
    public void Tar_header_with_wrong_checksum_is_rejected(string checksum) => Expect(
        PackageFault.HeaderChecksum, 1024,
        Archive.WithManifest().Add("b", [], header => Archive.Put(header, 148, checksum), fixChecksum: false).ToPackage());

    [Fact]
    public void Tar_checksum_in_another_form_is_rejected()
    {
        string digits = Encoding.ASCII.GetString(Archive.Header("b", 0), 148, 6);
        foreach (string other in new[] { digits + " \0", digits + "\0\0", " " + digits[1..] + "\0 ", "0" + digits + "\0",
            digits[1..] + "\0 \0" })
        {
            Expect(PackageFault.HeaderChecksum, 1024,
                Archive.WithManifest().Add("b", [], header => Archive.Put(header, 148, other), fixChecksum: false).ToPackage());
        }
    }

    [Fact]
    public void Path_split_at_another_slash_is_rejected()
    {
        string path = $"{new string('p', 60)}/{new string('q', 60)}/{new string('n', 30)}";
        Assert.True(Archive.Read(Archive.WithManifest().Add(path, []).ToPackage()).IsPackage);
        Archive other = Archive.WithManifest().Add(path, [], header =>
        {
            header.AsSpan(0, 100).Clear();
            header.AsSpan(345, 155).Clear();
            Archive.Put(header, 0, path[61..]);
            Archive.Put(header, 345, path[..60]);
        });
        Expect(PackageFault.PathFields, 1024, other.ToPackage());
    }

    [Theory]
    [InlineData("a", "a", PackageFault.DuplicatePath)]
    [InlineData("A", "a", PackageFault.CaseTwin)]
    [InlineData("A/x", "a/y", PackageFault.CaseTwin)]
    [InlineData("A", "a/y", PackageFault.CaseTwin)]
    [InlineData("a", "a/b", PackageFault.FileIsFolder)]
    [InlineData("a/b", "a", PackageFault.FileIsFolder)]
    [InlineData("b", "a", PackageFault.OutOfOrder)]
    [InlineData("a/b", "a-b", PackageFault.OutOfOrder)]
    public void Conflicting_paths_are_rejected(string first, string second, PackageFault fault) =>
        Expect(fault, 512, new Archive().Add(first, []).Add(second, []).Add(Archive.Manifest, []).ToPackage());

    [Fact]
    public void Conflicting_paths_are_found_when_not_adjacent() =>
        Expect(PackageFault.FileIsFolder, 1024,
            new Archive().Add("a", []).Add("a-b", []).Add("a/b", []).Add(Archive.Manifest, []).ToPackage());

    [Fact]
    public void Package_without_a_manifest_is_rejected() =>
        Expect(PackageFault.NoManifest, 1536, new Archive().Add("a", []).ToPackage(), path: null);

    [Fact]
    public void Executable_signature_or_attestation_is_rejected() =>
        Expect(PackageFault.Mode, 0,
            new Archive().Add("SIGNATURE.ml-dsa", [], header => Archive.Put(header, 100, "0000755\0")).Add(Archive.Manifest, [])
                .ToPackage());

    [Fact]
    public void Nonzero_padding_is_rejected()
    {
        byte[] archive = Archive.WithManifest().ToArray();
        archive[1023] = 1;
        Expect(PackageFault.Padding, 0, Archive.Gzip(archive));
    }

    internal static PackageReadResult Expect(PackageFault fault, long offset, byte[] package, string? path = "",
        PackageLimits? limits = null)
    {
        PackageReadResult result = Archive.Read(package, limits);
        Assert.Equal((fault, offset), (result.Fault, result.Offset));
        Assert.Null(result.Identity);
        Assert.Empty(result.Entries);
        Assert.False(result.IsPackage);
        if (path is null)
        {
            Assert.Null(result.Path);
        }

        // Every fault has its own message.
        string text = result.ToString();
        Assert.DoesNotContain(fault.ToString() + "'", text, StringComparison.Ordinal);
        Assert.EndsWith(PackageFaults.Explain(fault), text, StringComparison.Ordinal);
        Assert.NotEqual(fault.ToString(), PackageFaults.Explain(fault));
        Assert.DoesNotContain(text, c => c is < ' ' or > '~');
        return result;
    }
}
