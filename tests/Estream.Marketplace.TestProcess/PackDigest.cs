using System.Security.Cryptography;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.TestProcess;

/// <summary>Packs a folder and prints the digest of the package bytes.</summary>
internal static class PackDigest
{
    public static int Run(string folder)
    {
        PackageBuildResult result = PackageBuilder.Build(folder);
        if (result.Package is not { } package)
        {
            Console.Error.WriteLine(string.Join('\n', result.Problems));
            return 1;
        }

        using MemoryStream bytes = new();
        package.Write(bytes);
        Console.WriteLine(Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())));
        return 0;
    }
}
