using Estream.Marketplace.Packages;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Packages in memory round-trip through bytes, and their identity depends only on their content.</summary>
public sealed class PackageTests : PackageCase
{
    private static readonly PackageFile s_manifest = new(PackagePath.Manifest, false, "[component]\n"u8.ToArray());

    [Fact]
    public void Written_package_reads_back_equal()
    {
        Gen<string> segment =
            Gen.Elements("a", "b", "B.x", "c-d", "e_f", "g+h", "@i", ".j", "long-name-of-a-folder-or-a-file-that-is-not-short");
        Gen<string> path = from depth in Gen.Choose(1, 6)
                           from segments in segment.ArrayOf(depth)
                           select string.Join('/', segments);
        Gen<PackageFile> file = from name in path
                                from isExecutable in Gen.Elements(true, false)
                                from length in Gen.Choose(0, 2_000)
                                from fill in Gen.Choose(0, 255)
                                select new PackageFile(name, isExecutable, Enumerable.Repeat((byte)fill, length).ToArray());
        Gen<(PackageFile[] Files, PackageCompression Compression)> packed = from files in file.ArrayOf()
                                                                           from compression in Gen.Elements(PackageCompression.Stored,
                                                                               PackageCompression.Deflate)
                                                                           select (files, compression);
        Prop.ForAll(Arb.From(packed, _ => []), made =>
        {
            (PackageFile[] files, PackageCompression compression) = made;
            PackagePaths together = new();
            Package package = Package.Of(
                [.. files.Append(s_manifest).OrderBy(one => one.Path, StringComparer.Ordinal)
                    .Where(one => PackagePath.Check(one.Path) == PackageFault.None && together.Add(one.Path) == PackageFault.None)]);
            PackageReadResult result = Package.Read(new MemoryStream(Bytes(package, compression)), out Package? again);
            Assert.Equal(PackageFault.None, result.Fault);
            Assert.Equal(package.Identity, result.Identity);
            Assert.Equal(package.Identity, again!.Identity);
            Assert.Equal(package.Entries, result.Entries);
            Assert.Equal(package.Entries, again.Entries);
            Assert.All(package.Files,
                one => Assert.True(again.TryGet(one.Path, out PackageFile? other) && other.Content.Span.SequenceEqual(one.Content.Span)));
            Assert.Equal(Bytes(package), Bytes(again));
        }).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void Signature_and_attestations_do_not_change_the_identity()
    {
        Package bare = Package.Of([s_manifest, new PackageFile("a", false, new byte[3])]);
        Assert.Null(bare.Signature);
        Package signed = bare.With(PackagePath.Signature, new byte[] { 1, 2 }).With("attestations/x.json", "{}"u8.ToArray());
        Assert.Equal(bare.Identity, signed.Identity);
        Assert.Equal([1, 2], signed.Signature!.Value.ToArray());
        Assert.Equal([3], signed.With(PackagePath.Signature, new byte[] { 3 }).Signature!.Value.ToArray());
        Assert.Equal(bare.Identity, Archive.Read(Bytes(signed)).Identity);
        Assert.Equal(s_manifest.Content, signed.Manifest);
        Assert.Throws<ArgumentException>("path", () => bare.With("a", new byte[1]));
        Assert.Throws<ArgumentException>("files", () => bare.With("attestations/", new byte[1]));
    }

    [Fact]
    public void Path_mode_and_content_of_a_file_change_the_identity()
    {
        PackageFile file = new("b", false, new byte[] { 1 });
        PackageIdentity identity = Package.Of([s_manifest, file]).Identity;
        Assert.Equal(identity, Package.Of([file, s_manifest]).Identity);
        PackageFile[] others = [file with { Path = "c" }, file with { IsExecutable = true }, file with { Content = new byte[] { 2 } },
            file with { Content = new byte[] { 1, 0 } }];
        PackageIdentity[] identities =
            [.. others.Select(other => Package.Of([s_manifest, other]).Identity), Package.Of([s_manifest]).Identity, identity];
        Assert.Equal(identities.Length, identities.Select(one => one.Root256).Distinct().Count());
        Assert.Equal(identities.Length, identities.Select(one => one.Root3).Distinct().Count());
    }

    [Fact]
    public void Files_that_cannot_form_a_package_throw_ArgumentException()
    {
        PackageFile[][] wrong =
        [
            [],
            [new PackageFile("a", false, default)],
            [s_manifest, new PackageFile("../a", false, default)],
            [s_manifest, s_manifest],
            [s_manifest, new PackageFile("A", false, default), new PackageFile("a", false, default)],
            [s_manifest, new PackageFile("a", false, default), new PackageFile("a/b", false, default)],
            [s_manifest, new PackageFile(PackagePath.Signature, true, default)],
        ];
        Assert.All(wrong, files => Assert.Throws<ArgumentException>(nameof(files), () => Package.Of(files)));
    }
}
