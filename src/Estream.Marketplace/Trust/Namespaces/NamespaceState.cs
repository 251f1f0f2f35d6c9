using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>The state of a namespace at a log size: the locations of its records, and its revoked keys. A leaf of the namespace map.
/// Immutable.</summary>
public sealed record NamespaceState
{
    /// <summary>The maximum number of records of a namespace: one rotation a month for twenty years.</summary>
    public const int MaxRecords = 256;

    /// <summary>The maximum number of revocations of a namespace.</summary>
    public const int MaxRevocations = 256;

    /// <summary>The maximum size of a state, in bytes.</summary>
    public const int MaxBytes = 128 << 10;

    private readonly RecordLocation[] _records;
    private readonly RevokedKey[] _revocations;

    internal NamespaceState(NamespaceName name, IEnumerable<RecordLocation> records, IEnumerable<RevokedKey> revocations) =>
        (Name, _records, _revocations) = (name, [.. records], [.. revocations]);

    /// <summary>The namespace.</summary>
    public NamespaceName Name { get; }

    /// <summary>The records, in log order; at least one.</summary>
    public IReadOnlyList<RecordLocation> Records => _records;

    /// <summary>The revocations, in log order.</summary>
    public IReadOnlyList<RevokedKey> Revocations => _revocations;

    /// <summary>Returns the record in effect for an entry.</summary>
    /// <param name="index">The log index of the entry.</param>
    /// <returns>The location of the record, or <see langword="null"/> if the namespace had no owner at that index.</returns>
    public RecordLocation? RecordFor(long index) => _records.LastOrDefault(record => record.Index < index);

    /// <summary>Returns whether a key is valid for an entry, according to the revocations known so far.</summary>
    /// <param name="keyId">The id of the key.</param>
    /// <param name="index">The log index of the entry.</param>
    public bool Counts(string keyId, long index) => !_revocations.Any(revoked => revoked.KeyId == keyId && revoked.FromIndex <= index);

    /// <summary>Reads a state. Accepts any bytes and never throws because of them. The content is untrusted until a
    /// <see cref="NamespaceProof"/> verifies it.</summary>
    /// <param name="bytes">The untrusted bytes.</param>
    /// <param name="state">The state.</param>
    /// <param name="reason">Why the bytes are not a state.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NamespaceState? state,
        [NotNullWhen(false)] out string? reason)
    {
        state = null;
        if (!StrictJsonReader.TryRead(bytes, new JsonLimits(MaxBytes, MaxDepth: 3, MaxValues: 8 + (6 * (MaxRecords + MaxRevocations))),
            out JsonValue? value, out JsonFault? fault))
        {
            reason = $"the namespace state is not valid JSON: {fault}";
            return false;
        }

        if (!CanonicalJson.Is(bytes, value))
        {
            reason = "the namespace state is not in canonical form (RFC 8785)";
            return false;
        }

        JsonFields fields = new(value);
        if (!NamespaceName.TryParse(fields.Text("namespace", 64), out NamespaceName? name))
        {
            fields.Refuse("namespace", "is not a valid namespace");
        }

        RecordLocation[] records =
        [
            .. fields.Objects("records", MaxRecords)
            .Select(one =>
                new RecordLocation(one.Integer("index", 0, JsonInteger.Largest),
                    Convert.ToHexStringLower(one.Hex("leafHash", Rfc9162.HashBytes)))),
        ];
        RevokedKey[] revocations =
        [
            .. fields.Objects("revocations", MaxRevocations).Select(one => new RevokedKey(
                Convert.ToHexStringLower(one.Hex("keyId", Dsse.DocumentKey.IdBytes)), one.Integer("fromIndex", 0, JsonInteger.Largest),
                one.Integer("index", 0, JsonInteger.Largest))),
        ];
        if (records.Length == 0 || records.Zip(records.Skip(1)).Any(pair => pair.First.Index >= pair.Second.Index))
        {
            fields.Refuse("records", "must not be empty and must be in log order");
        }

        reason = fields.End();
        state = reason is null ? new NamespaceState(name!, records, revocations) : null;
        return state is not null;
    }

    /// <summary>Returns the bytes of the leaf: canonical JSON in UTF-8.</summary>
    public byte[] Encode() => CanonicalJson.Write(new JsonObject
    {
        { "namespace", Name.Text },
        { "records",
            JsonArray.Of(
                _records.Select(record => (JsonValue)new JsonObject { { "index", record.Index }, { "leafHash", record.LeafHash } })) },
        {
            "revocations", JsonArray.Of(_revocations.Select(revoked => (JsonValue)new JsonObject
            {
                { "keyId", revoked.KeyId }, { "fromIndex", revoked.FromIndex }, { "index", revoked.Index },
            }))
        },
    });
}

/// <summary>The location of a namespace record.</summary>
/// <param name="Index">The index of the record in the log.</param>
/// <param name="LeafHash">The leaf hash of the record, in 64 lower-case hexadecimal digits.</param>
public sealed record RecordLocation(long Index, string LeafHash);

/// <summary>A key that is revoked from an index on.</summary>
/// <param name="KeyId">The id of the key (<see cref="Dsse.DocumentKey.Id"/>).</param>
/// <param name="FromIndex">The first index at which the key is invalid.</param>
/// <param name="Index">The log index of the revocation.</param>
public sealed record RevokedKey(string KeyId, long FromIndex, long Index);
