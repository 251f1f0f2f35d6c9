using System.Security.Cryptography;
using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Registries;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>Releases to publish. Their packages are arbitrary bytes, because registries do not read packages.</summary>
internal static class SampleReleases
{
    public static readonly ComponentName Card = ComponentName.Parse("@acme/card"), Iot = ComponentName.Parse("esf-iot");

    public static RegistryPublication Of(ComponentName name, string version, string content = "")
    {
        byte[] package = Encoding.UTF8.GetBytes($"package of {name} {version} {content}");
        return new RegistryPublication(
            new RegistryRelease
            {
                Name = name,
                Version = SemanticVersion.Parse(version),
                Category = "wire-adapter",
                Root256 = Convert.ToHexStringLower(SHA256.HashData([0, .. package])),
                Dependencies = name == Iot ? [] : [new RegistryRequirement(Iot, VersionRange.Parse("^1.2"))],
                Engines = [new RegistryEngine("host", VersionRange.Parse(">=0.1"))],
                Provides = name == Iot ? ["esf.iot.reading.v1"] : [],
                Requires = name == Iot ? [] : ["esf.iot.reading.v1"],
                License = "Apache-2.0",
                LicenseTier = "open-source",
                Description = "Says \"hello\" — in UTF-8.",
                Published = new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero),
                PackageBytes = package.Length,
                PackageSha256 = Convert.ToHexStringLower(SHA256.HashData(package)),
            },
            package,
            Encoding.UTF8.GetBytes($"bundle of {name} {version}"));
    }
}
