using System.Buffers.Binary;

namespace Estream.Witness.Internal;

/// <summary>Reads and writes the byte format of a state proof: docs/formats/witness.md, "A key's proof".</summary>
internal static class StateProofLayout
{
    private const int VersionOffset = 16;
    private const int ExpiresAtOffset = 24;
    private const int KeyBytesOffset = 32;
    private const int IsHeldOffset = 36;
    private const int ValueBytesOffset = 40;
    private const int DepthOffset = 44;
    private const int EntriesOffset = 46;

    public const int KeyOffset = ProofLayout.BodyOffset + Attestation.Bytes;

    /// <summary>The numbers in the header of a proof; version, expiry and value size are zero if the key is absent.</summary>
    public readonly record struct Numbers(long Version, long ExpiresAt, int KeyBytes, bool IsHeld, int ValueBytes, int Depth, int Entries)
    {
        public int ValueOffset => KeyOffset + KeyBytes;

        public int PathOffset => ValueOffset + ValueBytes;

        public int BucketOffset => PathOffset + (Depth * MerkleTree.HashBytes);

        public int Bytes => BucketOffset + (Entries * StateHash.EntryBytes);
    }

    public static void Write(Span<byte> bytes, in Numbers numbers)
    {
        ProofLayout.WriteKind(bytes, ProofLayout.StateKind);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[VersionOffset..], numbers.Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[ExpiresAtOffset..], numbers.ExpiresAt);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[KeyBytesOffset..], numbers.KeyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[IsHeldOffset..], numbers.IsHeld ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[ValueBytesOffset..], numbers.ValueBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[DepthOffset..], (ushort)numbers.Depth);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[EntriesOffset..], (ushort)numbers.Entries);
    }

    /// <summary>Checks the header, and the length that follows from it.</summary>
    public static ProofFault Read(ReadOnlySpan<byte> bytes, out Numbers numbers)
    {
        numbers = default;
        if (ProofLayout.CheckKind(bytes, ProofLayout.StateKind, attestations: 1) is not ProofFault.None and ProofFault fault)
        {
            return fault;
        }

        int key = BinaryPrimitives.ReadInt32LittleEndian(bytes[KeyBytesOffset..]),
        held = BinaryPrimitives.ReadInt32LittleEndian(bytes[IsHeldOffset..]);
        int value = BinaryPrimitives.ReadInt32LittleEndian(bytes[ValueBytesOffset..]);
        int depth = BinaryPrimitives.ReadUInt16LittleEndian(bytes[DepthOffset..]),
        entries = BinaryPrimitives.ReadUInt16LittleEndian(bytes[EntriesOffset..]);
        long version = BinaryPrimitives.ReadInt64LittleEndian(bytes[VersionOffset..]),
        expiresAt = BinaryPrimitives.ReadInt64LittleEndian(bytes[ExpiresAtOffset..]);
        bool isOutOfRange = key < 0 || value < 0 || held is not (0 or 1) || depth > StateHash.MaxDepth || entries > StateHash.BucketEntries;
        if (isOutOfRange || (held == 0 && (version, expiresAt, value) != (0, 0, 0)))
        {
            return ProofFault.Numbers;
        }

        if ((long)KeyOffset + key + value + (depth * MerkleTree.HashBytes) + (entries * StateHash.EntryBytes) != bytes.Length)
        {
            return ProofFault.Length;
        }

        numbers = new Numbers(version, expiresAt, key, held == 1, value, depth, entries);
        return ProofFault.None;
    }

    /// <summary>Checks that the bucket belongs to the key's path and agrees with the proof about the key.</summary>
    public static ProofFault CheckBucket(ReadOnlySpan<byte> bytes, in Numbers numbers)
    {
        Span<byte> entry = stackalloc byte[StateHash.EntryBytes];
        Span<byte> keyHash = entry[..MerkleTree.HashBytes];
        StateHash.HashKey(bytes.Slice(KeyOffset, numbers.KeyBytes), keyHash);
        ReadOnlySpan<byte> bucket = bytes[numbers.BucketOffset..];
        for (int at = 0; at < bucket.Length; at += StateHash.EntryBytes)
        {
            ReadOnlySpan<byte> other = bucket.Slice(at, MerkleTree.HashBytes);
            if (StateHash.CommonBits(other, keyHash) < numbers.Depth
                || (at > 0 && bucket.Slice(at - StateHash.EntryBytes, MerkleTree.HashBytes).SequenceCompareTo(other) >= 0))
            {
                return ProofFault.Bucket;
            }
        }

        int found = StateHash.Find(bucket, keyHash);
        if (!numbers.IsHeld)
        {
            return found < 0 ? ProofFault.None : ProofFault.Bucket;
        }

        StateHash.HashValue(numbers.Version, numbers.ExpiresAt, bytes.Slice(numbers.ValueOffset, numbers.ValueBytes),
            entry[MerkleTree.HashBytes..]);
        return found >= 0 && bucket.Slice(found * StateHash.EntryBytes, StateHash.EntryBytes).SequenceEqual(entry)
            ? ProofFault.None
            : ProofFault.Bucket;
    }
}
