using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Which bytes a document has: what another document that is believed says of it. Immutable.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Length">Bytes of its envelope.</param>
/// <param name="Sha256">The SHA-256 of its envelope, in 64 lower-case hexadecimal digits.</param>
public sealed record DocumentReference(long Version, long Length, string Sha256)
{
    /// <summary>What is said of an envelope.</summary>
    /// <param name="version">The version in it.</param>
    /// <param name="envelope">Its bytes.</param>
    public static DocumentReference Of(long version, ReadOnlySpan<byte> envelope) =>
        new(version, envelope.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(envelope)));

    /// <summary>Whether these are the bytes, of which only as many as may be were read.</summary>
    internal bool Has(ReadOnlySpan<byte> envelope) => Of(Version, envelope) == this;

    internal JsonObject ToJson() => new() { { "version", Version }, { "length", Length }, { "sha256", Sha256 } };

    internal static DocumentReference Read(JsonFields fields, long maxLength) => new(
        fields.Integer("version", 1, JsonInteger.Largest), fields.Integer("length", 1, maxLength), Convert.ToHexStringLower(fields.Hex("sha256", 32)));
}
