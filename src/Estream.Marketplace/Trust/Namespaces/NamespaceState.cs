using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>What a log of some size says of a namespace: where its records are, and which keys do not count from when on. The leaf of the
/// map of namespaces. Immutable.</summary>
public sealed record NamespaceState
{
    /// <summary>The most records of a namespace: a rotation a month for twenty years.</summary>
    public const int MaxRecords = 256;

    /// <summary>The most revocations of a namespace.</summary>
    public const int MaxRevocations = 256;

    /// <summary>The most bytes of a state.</summary>
    public const int MaxBytes = 128 << 10;

    private readonly RecordLocation[] _records;
    private readonly RevokedKey[] _revocations;

    internal NamespaceState(NamespaceName name, IEnumerable<RecordLocation> records, IEnumerable<RevokedKey> revocations) =>
        (Name, _records, _revocations) = (name, [.. records], [.. revocations]);

    /// <summary>The namespace.</summary>
    public NamespaceName Name { get; }

    /// <summary>Its records in the order in which they were logged; at least one.</summary>
    public IReadOnlyList<RecordLocation> Records => _records;

    /// <summary>Its revocations in the order in which they were logged.</summary>
    public IReadOnlyList<RevokedKey> Revocations => _revocations;

    /// <summary>The record that counts for an entry.</summary>
    /// <param name="index">Where the entry is.</param>
    /// <returns>Where the record is, or <see langword="null"/> where nobody owned the namespace then.</returns>
    public RecordLocation? RecordFor(long index) => _records.LastOrDefault(record => record.Index < index);

    /// <summary>Whether a key counts for an entry, as far as is known now.</summary>
    /// <param name="keyId">The key.</param>
    /// <param name="index">Where the entry is.</param>
    public bool Counts(string keyId, long index) => !_revocations.Any(revoked => revoked.KeyId == keyId && revoked.FromIndex <= index);

    /// <summary>Reads a state. Whatever bytes it is given, it answers and does not throw; that they are true, a
    /// <see cref="NamespaceProof"/> says.</summary>
    /// <param name="bytes">From anywhere.</param>
    /// <param name="state">The state.</param>
    /// <param name="reason">Why it is none.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NamespaceState? state,
        [NotNullWhen(false)] out string? reason)
    {
        state = null;
        if (!StrictJsonReader.TryRead(bytes, new JsonLimits(MaxBytes, MaxDepth: 3, MaxValues: 8 + (6 * (MaxRecords + MaxRevocations))),
            out JsonValue? value, out JsonFault? fault))
        {
            reason = $"the state of a namespace is not the JSON that is read here: {fault}";
            return false;
        }

        if (!CanonicalJson.Is(bytes, value))
        {
            reason = "the state of a namespace is not written in the canonical form (RFC 8785)";
            return false;
        }

        JsonFields fields = new(value);
        if (!NamespaceName.TryParse(fields.Text("namespace", 64), out NamespaceName? name))
        {
            fields.Refuse("namespace", "is no namespace");
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
            fields.Refuse("records", "have to be there, in the order in which they were logged");
        }

        reason = fields.End();
        state = reason is null ? new NamespaceState(name!, records, revocations) : null;
        return state is not null;
    }

    /// <summary>The bytes of the leaf: canonical JSON in UTF-8.</summary>
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

/// <summary>Where a record of a namespace is.</summary>
/// <param name="Index">Its index in the log.</param>
/// <param name="LeafHash">The hash of its leaf there, in 64 lower-case hexadecimal digits.</param>
public sealed record RecordLocation(long Index, string LeafHash);

/// <summary>A key that does not count from an index on.</summary>
/// <param name="KeyId">The key (<see cref="Dsse.DocumentKey.Id"/>).</param>
/// <param name="FromIndex">The first index at which it does not.</param>
/// <param name="Index">Where that was logged.</param>
public sealed record RevokedKey(string KeyId, long FromIndex, long Index);
