using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Catalogs;

/// <summary>
/// The top-level document of a catalogue, which references its parts (docs/formats/catalog.md). There are 1, 16 or 256 parts. The first
/// digits of the SHA-256 of a name select its part, so a part without the name proves that the catalogue does not contain the name.
/// Immutable.
/// </summary>
/// <param name="Parts">The references to the parts, in the order of the digits.</param>
internal sealed record CatalogDocument(IReadOnlyList<DocumentReference> Parts)
{
    private const string TypeName = "catalog";

    /// <summary>Returns the number of parts for a number of names. More names need more parts, because a client reads a whole part to look
    /// up one name.</summary>
    public static int PartsFor(int names) => names <= 256 ? 1 : names <= 4096 ? 16 : 256;

    /// <summary>Returns the index of the part that contains a name.</summary>
    public static int PartOf(string name, int parts)
    {
        byte first = SHA256.HashData(Encoding.UTF8.GetBytes(name))[0];
        return parts switch
        {
            1 => 0,
            16 => first >> 4,
            _ => first,
        };
    }

    /// <summary>Returns the bytes of the document: canonical JSON in UTF-8.</summary>
    public byte[] Encode() => CanonicalJson.Write(new JsonObject
    {
        { "type", TypeName }, { "version", 1 }, { "parts", JsonArray.Of(Parts.Select(part => (JsonValue)part.ToJson())) },
    });

    /// <summary>Reads a document. Never throws on any input.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out CatalogDocument? document,
        [NotNullWhen(false)] out string? reason)
    {
        document = null;
        if (!StrictJsonReader.TryReadCanonical(bytes, new JsonLimits(SnapshotDocument.MaxCatalogBytes, CatalogLimits.MaxDepth),
            out JsonValue? value, out JsonFault? fault))
        {
            reason = fault.ToString();
            return false;
        }

        JsonFields fields = new(value);
        fields.OneOf("type", TypeName);
        fields.Integer("version", 1, 1);
        DocumentReference[] parts =
            [.. fields.Objects("parts", 256).Select(part => DocumentReference.Read(part, CatalogLimits.MaxPartBytes))];
        if (parts.Length is not (1 or 16 or 256))
        {
            fields.Refuse("parts", "must have 1, 16 or 256 parts");
        }

        reason = fields.End();
        document = reason is null ? new CatalogDocument(parts) : null;
        return reason is null;
    }
}
