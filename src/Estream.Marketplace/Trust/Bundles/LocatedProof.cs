using System.Buffers.Binary;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>Where an entry of a log is, and the proof that it is there, as a bundle holds them: the index in eight bytes, and the hashes
/// behind it.</summary>
/// <param name="Index">Where it is.</param>
/// <param name="Path">The hashes, one behind the other.</param>
internal readonly record struct LocatedProof(long Index, ReadOnlyMemory<byte> Path)
{
    public const int MaxBytes = sizeof(long) + (LogProof.MaxHashes * LogProof.HashBytes);

    public static byte[] Encode(LoggedEntry entry)
    {
        byte[] bytes = new byte[sizeof(long) + entry.Path.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, entry.Index);
        entry.Path.Span.CopyTo(bytes.AsSpan(sizeof(long)));
        return bytes;
    }

    public static bool TryRead(ReadOnlyMemory<byte> bytes, out LocatedProof proof)
    {
        bool isOne = bytes.Length is >= sizeof(long) and <= MaxBytes && bytes.Length % LogProof.HashBytes == sizeof(long);
        proof = isOne ? new LocatedProof(BinaryPrimitives.ReadInt64LittleEndian(bytes.Span), bytes[sizeof(long)..]) : default;
        return isOne && proof.Index >= 0;
    }

    /// <summary>Whether an entry is where this says.</summary>
    public bool Verify(ReadOnlySpan<byte> entry, Checkpoint checkpoint, out string leafHash)
    {
        Span<byte> leaf = stackalloc byte[LogProof.HashBytes];
        Rfc9162.HashLeaf(TreeHash.Sha256, entry, leaf);
        leafHash = Convert.ToHexStringLower(leaf);
        return LogProof.VerifyInclusion(Index, checkpoint.Size, leaf, checkpoint.Root, Path.Span);
    }
}
