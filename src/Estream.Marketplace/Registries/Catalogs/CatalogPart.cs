using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Catalogs;

/// <summary>A part of a catalogue: the components and namespaces whose names hash into it. Immutable.</summary>
/// <param name="Components">The reference to the index of each component (<see cref="ReleaseIndex"/>).</param>
/// <param name="Namespaces">The reference to the state of each namespace (<see cref="NamespaceState"/>).</param>
internal sealed record CatalogPart(IReadOnlyDictionary<string, DocumentReference> Components,
    IReadOnlyDictionary<string, DocumentReference> Namespaces)
{
    private const string TypeName = "catalog-part";

    /// <summary>Returns the bytes of the part: canonical JSON in UTF-8.</summary>
    public byte[] Encode() => CanonicalJson.Write(new JsonObject
    {
        { "type", TypeName }, { "version", 1 }, { "components", Write(Components) }, { "namespaces", Write(Namespaces) },
    });

    /// <summary>Reads a part. Never throws on any input.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out CatalogPart? part, [NotNullWhen(false)] out string? reason)
    {
        part = null;
        if (!StrictJsonReader.TryReadCanonical(bytes,
            new JsonLimits(CatalogLimits.MaxPartBytes, CatalogLimits.MaxDepth, 10 * CatalogLimits.MaxEntries), out JsonValue? value,
            out JsonFault? fault))
        {
            reason = fault.ToString();
            return false;
        }

        JsonFields fields = new(value);
        fields.OneOf("type", TypeName);
        fields.Integer("version", 1, 1);
        CatalogPart read =
            new(Read(fields, "components", RegistryLimits.MaxIndexBytes), Read(fields, "namespaces", NamespaceState.MaxBytes));
        reason = fields.End();
        part = reason is null ? read : null;
        return reason is null;
    }

    private static JsonObject Write(IReadOnlyDictionary<string, DocumentReference> entries)
    {
        JsonObject json = new();
        foreach ((string name, DocumentReference reference) in entries)
        {
            json.Add(name, reference.ToJson());
        }

        return json;
    }

    private static Dictionary<string, DocumentReference> Read(JsonFields fields, string member, int maxBytes) =>
        fields.ObjectsByName(member, CatalogLimits.MaxEntries)
        .ToDictionary(entry => entry.Key, entry => DocumentReference.Read(entry.Value, maxBytes), StringComparer.Ordinal);
}

/// <summary>The limits of a catalogue.</summary>
internal static class CatalogLimits
{
    /// <summary>The maximum size of a part in bytes.</summary>
    public const int MaxPartBytes = 4 << 20;

    /// <summary>The maximum number of components, and of namespaces, in a part.</summary>
    public const int MaxEntries = 16_384;

    public const int MaxDepth = 4;
}
