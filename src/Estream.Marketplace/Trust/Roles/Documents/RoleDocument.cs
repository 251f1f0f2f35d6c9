using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>What all four roles of a registry say: which document it is, its version, and until when it counts. Immutable.</summary>
public abstract record RoleDocument
{
    /// <summary>Its type, and with it the context of its signatures.</summary>
    public abstract DocumentType Type { get; }

    /// <summary>Its version, from 1. Each new document has a higher one.</summary>
    public required long Version { get; init; }

    /// <summary>From when on it does not count any more, in UTC to the second.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The payload that is signed: canonical JSON in UTF-8.</summary>
    public byte[] ToPayload()
    {
        JsonObject json = new() { { "type", Type.Name }, { "version", Version }, { "expires", JsonTime.Write(Expires) } };
        Write(json);
        return CanonicalJson.Write(json);
    }

    /// <summary>Signs it.</summary>
    /// <param name="signers">Who signs; more can follow (<see cref="DsseEnvelope.With"/>).</param>
    public DsseEnvelope Sign(params IEnumerable<DocumentSigner> signers) => DsseEnvelope.Sign(Type, ToPayload(), signers);

    /// <summary>The name of a document's file in a registry: with its version, but for the timestamp, which everything begins
    /// with.</summary>
    internal static string FileName(string role, long version) =>
        role == DocumentType.Timestamp.Name ? "timestamp.json" : string.Create(CultureInfo.InvariantCulture, $"{version}.{role}.json");

    /// <summary>Writes what this role says more.</summary>
    private protected abstract void Write(JsonObject json);

    /// <summary>The members that all roles have, of a payload of this type; what is wrong the fields remember.</summary>
    private protected static (long Version, DateTimeOffset Expires) ReadCommon(JsonFields fields, DocumentType type)
    {
        fields.OneOf("type", type.Name);
        return (fields.Integer("version", 1, JsonInteger.Largest), fields.Time("expires"));
    }

    /// <summary>Why a payload that was read is not the one way to write its document: keys that nobody needs, or names in another order.
    /// Null where it is.</summary>
    private protected string? Inexact(ReadOnlySpan<byte> payload) =>
        payload.SequenceEqual(ToPayload())
            ? null
            : "the document is written in another way than the one that counts: keys that no role has, or names in another order";

    /// <summary>The members of a payload, or why there are none.</summary>
    private protected static bool TryFields(ReadOnlySpan<byte> payload, int maxBytes, [NotNullWhen(true)] out JsonFields? fields,
        [NotNullWhen(false)] out string? reason)
    {
        JsonLimits limits = new(maxBytes, RoleLimits.MaxDepth);
        bool isRead = StrictJsonReader.TryReadCanonical(payload, limits, out JsonValue? value, out JsonFault? fault);
        (fields, reason) = (isRead ? new JsonFields(value!) : null, fault?.ToString());
        return isRead;
    }
}

/// <summary>A document that was verified, with the bytes it came in.</summary>
internal sealed record SignedRole<TDocument>(TDocument Document, byte[] Envelope)
    where TDocument : RoleDocument
{
    /// <summary>Whether both say the same, whoever signed them how often.</summary>
    public bool SaysTheSameAs(TDocument other) => Document.ToPayload().AsSpan().SequenceEqual(other.ToPayload());
}
