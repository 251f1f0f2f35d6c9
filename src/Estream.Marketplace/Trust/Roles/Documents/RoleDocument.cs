using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The members common to the documents of all four roles of a registry: type, version and expiry. Immutable.</summary>
public abstract record RoleDocument
{
    /// <summary>The document type, which also determines the signature context.</summary>
    public abstract DocumentType Type { get; }

    /// <summary>The version, from 1. Each new document has a higher version.</summary>
    public required long Version { get; init; }

    /// <summary>The time at which the document expires, in UTC to the second.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Returns the payload to sign: canonical JSON in UTF-8.</summary>
    public byte[] ToPayload()
    {
        JsonObject json = new() { { "type", Type.Name }, { "version", Version }, { "expires", JsonTime.Write(Expires) } };
        Write(json);
        return CanonicalJson.Write(json);
    }

    /// <summary>Signs the document.</summary>
    /// <param name="signers">The signers; more can be added later (<see cref="DsseEnvelope.With"/>).</param>
    public DsseEnvelope Sign(params IEnumerable<DocumentSigner> signers) => DsseEnvelope.Sign(Type, ToPayload(), signers);

    /// <summary>Returns the file name of a document in a registry. The name includes the version, except for the timestamp, which clients
    /// fetch first.</summary>
    internal static string FileName(string role, long version) =>
        role == DocumentType.Timestamp.Name ? "timestamp.json" : string.Create(CultureInfo.InvariantCulture, $"{version}.{role}.json");

    /// <summary>Writes the members that are specific to the role.</summary>
    private protected abstract void Write(JsonObject json);

    /// <summary>Reads the members common to all roles and checks the type. Errors are recorded in <paramref name="fields"/>.</summary>
    private protected static (long Version, DateTimeOffset Expires) ReadCommon(JsonFields fields, DocumentType type)
    {
        fields.OneOf("type", type.Name);
        return (fields.Integer("version", 1, JsonInteger.Largest), fields.Time("expires"));
    }

    /// <summary>Returns why a payload is not the only accepted encoding of its document: it has unused keys, or names in another order.
    /// Null if the payload is exact.</summary>
    private protected string? Inexact(ReadOnlySpan<byte> payload) =>
        payload.SequenceEqual(ToPayload())
            ? null
            : "the document is not in its exact form: it has keys that no role uses, or names in another order";

    /// <summary>Reads the members of a payload, or returns the reason why it cannot be read.</summary>
    private protected static bool TryFields(ReadOnlySpan<byte> payload, int maxBytes, [NotNullWhen(true)] out JsonFields? fields,
        [NotNullWhen(false)] out string? reason)
    {
        JsonLimits limits = new(maxBytes, RoleLimits.MaxDepth);
        bool isRead = StrictJsonReader.TryReadCanonical(payload, limits, out JsonValue? value, out JsonFault? fault);
        (fields, reason) = (isRead ? new JsonFields(value!) : null, fault?.ToString());
        return isRead;
    }
}

/// <summary>A verified document with its received bytes.</summary>
internal sealed record SignedRole<TDocument>(TDocument Document, byte[] Envelope)
    where TDocument : RoleDocument
{
    /// <summary>Returns whether both documents have the same payload, whatever their signatures.</summary>
    public bool SaysTheSameAs(TDocument other) => Document.ToPayload().AsSpan().SequenceEqual(other.ToPayload());
}
