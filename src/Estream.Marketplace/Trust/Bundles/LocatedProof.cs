using System.Buffers.Binary;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>The index of a log entry and its inclusion proof, as a bundle stores them: the index in 8 bytes, followed by the
/// hashes.</summary>
/// <param name="Index">The index of the entry in the log.</param>
/// <param name="Path">The hashes of the proof, concatenated.</param>
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

    /// <summary>Verifies that the log contains an entry at <see cref="Index"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> entry, Checkpoint checkpoint, out string leafHash)
    {
        Span<byte> leaf = stackalloc byte[LogProof.HashBytes];
        Rfc9162.HashLeaf(TreeHash.Sha256, entry, leaf);
        leafHash = Convert.ToHexStringLower(leaf);
        return LogProof.VerifyInclusion(Index, checkpoint.Size, leaf, checkpoint.Root, Path.Span);
    }
}
