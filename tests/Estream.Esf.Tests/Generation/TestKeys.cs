using Estream.Crypto;

namespace Estream.Esf.Tests.Generation;

/// <summary>The keys of the audiences of generated schemas, the same in every run.</summary>
public static class TestKeys
{
    /// <summary>The audiences.</summary>
    public static string[] Audiences { get; } = ["auditor", "default", "owner"];

    /// <summary>The public keys of all audiences.</summary>
    public static EsfAudienceKeys Public { get; } =
        Audiences.Aggregate(EsfAudienceKeys.None, (keys, audience) => keys.With(audience, Of(audience).PublicKey));

    /// <summary>Returns the public keys of the audiences of a schema.</summary>
    public static EsfAudienceKeys PublicOf(EsfSchema schema) =>
        schema.Audiences.Audiences.Aggregate(EsfAudienceKeys.None, (keys, audience) => keys.With(audience, Of(audience).PublicKey));

    /// <summary>Returns the key of an audience; another name gives another key.</summary>
    public static MlKem1024PrivateKey Of(string name) => MlKem1024PrivateKey.ImportSeed(SeedOf(name));

    /// <summary>Returns a ring with the keys of some audiences.</summary>
    public static EsfKeyRing RingOf(params IEnumerable<string> names) => new(names.Select(Of));

    /// <summary>Returns the seed of a key, which is derived from the name and therefore not secret.</summary>
    public static byte[] SeedOf(string name) =>
        System.Security.Cryptography.SHA512.HashData(System.Text.Encoding.UTF8.GetBytes("test key of " + name));
}
