using Estream.Crypto;

namespace Estream.Esf.Tests.Generation;

/// <summary>The keys of the audiences that generated schemas have, the same in every run.</summary>
public static class TestKeys
{
    /// <summary>The audiences.</summary>
    public static string[] Audiences { get; } = ["auditor", "default", "owner"];

    /// <summary>The public keys of all of them.</summary>
    public static EsfAudienceKeys Public { get; } =
        Audiences.Aggregate(EsfAudienceKeys.None, (keys, audience) => keys.With(audience, Of(audience).PublicKey));

    /// <summary>The public keys of the audiences that a schema has.</summary>
    public static EsfAudienceKeys PublicOf(EsfSchema schema) =>
        schema.Audiences.Audiences.Aggregate(EsfAudienceKeys.None, (keys, audience) => keys.With(audience, Of(audience).PublicKey));

    /// <summary>The key of an audience; others by other names.</summary>
    public static MlKem1024PrivateKey Of(string name) => MlKem1024PrivateKey.ImportSeed(SeedOf(name));

    /// <summary>A ring of the keys of some audiences.</summary>
    public static EsfKeyRing RingOf(params IEnumerable<string> names) => new(names.Select(Of));

    /// <summary>The seed of a key: anybody knows it.</summary>
    public static byte[] SeedOf(string name) =>
        System.Security.Cryptography.SHA512.HashData(System.Text.Encoding.UTF8.GetBytes("test key of " + name));
}
