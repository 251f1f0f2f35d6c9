using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>The state of a namespace with the proof that the namespace map contains it: an RFC 9162 tree with SHA-256 over the states,
/// ordered by name. Immutable.</summary>
/// <remarks>The inclusion proof of a record shows that the record was logged; this proof shows that the record is the latest.</remarks>
public sealed record NamespaceProof
{
    /// <summary>The maximum size of a proof, in bytes.</summary>
    public const int MaxBytes = (2 * NamespaceState.MaxBytes) + (8 << 10);

    private readonly byte[] _state;
    private readonly byte[] _path;

    internal NamespaceProof(NamespaceState state, long index, long size, byte[] path) =>
        (State, Index, Size, _path, _state) = (state, index, size, path, state.Encode());

    /// <summary>The state of the namespace.</summary>
    public NamespaceState State { get; }

    /// <summary>The position of the namespace in the map, from 0.</summary>
    public long Index { get; }

    /// <summary>The number of namespaces in the map.</summary>
    public long Size { get; }

    /// <summary>The concatenated hashes of the proof.</summary>
    public ReadOnlySpan<byte> Path => _path;

    /// <summary>Verifies that a map contains the state.</summary>
    /// <param name="root">The root of the map, from a trusted snapshot.</param>
    public bool Verify(ReadOnlySpan<byte> root)
    {
        Span<byte> leaf = stackalloc byte[Rfc9162.HashBytes];
        Rfc9162.HashLeaf(TreeHash.Sha256, _state, leaf);
        return LogProof.VerifyInclusion(Index, Size, leaf, root, _path);
    }

    /// <summary>Reads a proof. Accepts any bytes and never throws because of them.</summary>
    /// <param name="bytes">The untrusted bytes.</param>
    /// <param name="proof">The proof.</param>
    /// <param name="reason">Why the bytes are not a proof.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NamespaceProof? proof,
        [NotNullWhen(false)] out string? reason)
    {
        proof = null;
        if (!StrictJsonReader.TryRead(bytes, new JsonLimits(MaxBytes, MaxDepth: 1, MaxValues: 8), out JsonValue? value,
            out JsonFault? fault))
        {
            reason = $"the namespace proof is not valid JSON: {fault}";
            return false;
        }

        JsonFields fields = new(value);
        byte[] encoded = fields.Base64("state", NamespaceState.MaxBytes, 1),
        path = fields.Base64("path", LogProof.MaxHashes * LogProof.HashBytes);
        long index = fields.Integer("index", 0, JsonInteger.Largest), size = fields.Integer("size", 1, JsonInteger.Largest);
        reason = fields.End();
        if (reason is null && NamespaceState.TryRead(encoded, out NamespaceState? state, out reason))
        {
            proof = new NamespaceProof(state, index, size, path);
        }

        return proof is not null;
    }

    /// <summary>Returns the encoded proof: canonical JSON in UTF-8.</summary>
    public byte[] Encode() => CanonicalJson.Write(new JsonObject
    {
        { "state", Convert.ToBase64String(_state) }, { "index", Index }, { "size", Size }, { "path", Convert.ToBase64String(_path) },
    });
}
