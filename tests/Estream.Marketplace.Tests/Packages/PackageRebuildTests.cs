using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Rebuilding the same sources gives the same package; other sources give a list of differences.</summary>
public sealed class PackageRebuildTests : PackageCase
{
    [Theory]
    [MemberData(nameof(Components))]
    public void Repository_component_rebuilds_to_the_same_package(string component)
    {
        // The published package is compressed and has a signature and an attestation, unlike the rebuilt package.
        Package published = Build(RepositoryRoot.Combine(component)).With(PackagePath.Signature, new byte[9])
            .With("attestations/a", new byte[9]);
        PackageRebuildResult result =
            PackageRebuild.Run(Archive.Read(Bytes(published, PackageCompression.Deflate)), RepositoryRoot.Combine(component));
        Assert.True(result.IsSame);
        Assert.Empty(result.Differences);
    }

    [Fact]
    public void Rebuild_reports_differences_by_file()
    {
        foreach (string path in new[] { PackagePath.Manifest, "same", "changed", "added", "run" })
        {
            File.WriteAllText(Room.Combine(path), "x");
        }

        Package published = Package.Of(
        [
            new PackageFile(PackagePath.Manifest, false, "x"u8.ToArray()), new PackageFile("same", false, "x"u8.ToArray()),
            new PackageFile("changed", false, "yz"u8.ToArray()),
            new PackageFile("missing", false, default), new PackageFile("run", true, "x"u8.ToArray()),
        ]);
        PackageRebuildResult result = PackageRebuild.Run(Archive.Read(Bytes(published)), Room.Path);
        Assert.False(result.IsSame);
        Assert.Equal(
            [("added", PackageDifferenceKind.Added), ("changed", PackageDifferenceKind.Content), ("missing", PackageDifferenceKind.Missing),
                ("run", PackageDifferenceKind.Mode)],
            result.Differences.Select(difference => (difference.Path, difference.Kind)));
        Assert.Equal("added is only in the rebuilt package", result.Differences[0].ToString());
        Assert.StartsWith("changed has 2 bytes with SHA-256 ", result.Differences[1].ToString(), StringComparison.Ordinal);
        Assert.Equal("run is executable only in the published package", result.Differences[3].ToString());
    }

    [Fact]
    public void Rebuild_from_a_folder_that_is_not_a_component_reports_problems()
    {
        PackageReadResult published = Archive.Read(Archive.WithManifest().ToPackage());
        PackageRebuildResult result = PackageRebuild.Run(published, Room.Path);
        Assert.False(result.IsSame);
        Assert.Equal(PackagePath.Manifest, Assert.Single(result.Problems).Path);
        Assert.Throws<ArgumentException>("published", () => PackageRebuild.Run(Archive.Read([]), Room.Path));
    }
}
