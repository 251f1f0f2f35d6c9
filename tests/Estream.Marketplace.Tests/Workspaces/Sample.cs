using System.Text;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>A package of one small file.</summary>
internal sealed class Sample
{
    private readonly byte[] _bytes;

    private Sample(string content, PackageCompression compression)
    {
        Package package = Package.Of(
            [new PackageFile(PackagePath.Manifest, false, "[component]\n"u8.ToArray()),
                new PackageFile("content", false, Encoding.UTF8.GetBytes(content))]);
        using MemoryStream bytes = new();
        package.Write(bytes, compression);
        _bytes = bytes.ToArray();
        Root = package.Identity.Root256;
    }

    public string Root { get; }

    public static Sample Of(string content, PackageCompression compression = PackageCompression.Stored) => new(content, compression);

    public Stream Open() => new MemoryStream(_bytes);
}
