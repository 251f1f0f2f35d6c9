using Estream.Marketplace.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Packages;

/// <summary>Shared helpers of package tests: a temporary folder, packages as bytes, and the components of this repository.</summary>
public abstract class PackageCase : IDisposable
{
    /// <summary>The temporary folder of this test.</summary>
    protected TempDirectory Room { get; } = new();

    /// <summary>The folders of all components in this repository, relative to its root.</summary>
    public static TheoryData<string> Components => [.. ComponentFolders];

    private protected static string[] ComponentFolders { get; } =
    [
        .. from area in new[] { "schemas", "circuits" }
           from manifest in Directory.EnumerateFiles(RepositoryRoot.Combine(area), PackagePath.Manifest, SearchOption.AllDirectories)
           let folder = Path.GetRelativePath(RepositoryRoot.Path, Path.GetDirectoryName(manifest)!)
           where !folder.Split('/').Any(name => name is "bin" or "obj")
           orderby folder
           select folder,
    ];

    public void Dispose()
    {
        Room.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static byte[] Bytes(Package package, PackageCompression compression = PackageCompression.Stored)
    {
        using MemoryStream bytes = new();
        package.Write(bytes, compression);
        return bytes.ToArray();
    }

    private protected static Package Build(string folder, PackageSelection? selection = null)
    {
        PackageBuildResult result = PackageBuilder.Build(folder, selection);
        Assert.Empty(result.Problems);
        return Assert.IsType<Package>(result.Package);
    }

    private protected string Save(byte[] package)
    {
        string file = Room.Combine("package.escx");
        File.WriteAllBytes(file, package);
        return file;
    }
}
