using System.Buffers.Binary;
using System.Numerics;
using Estream.Crypto;

namespace Estream.Witness.Internal;

/// <summary>The hashes of a map's state: docs/formats/witness.md, "The state of a map".</summary>
internal static class StateHash
{
    /// <summary>The size of an entry, in bytes: the hash of its key and the hash of its value.</summary>
    public const int EntryBytes = 2 * MerkleTree.HashBytes;

    /// <summary>The maximum number of entries of a bucket.</summary>
    public const int BucketEntries = 16;

    /// <summary>The maximum depth of a bucket. At this depth a path leaves only 4 bits of a hash open, so at most 16 keys share the path,
    /// and they fit into one bucket.</summary>
    public const int MaxDepth = (8 * MerkleTree.HashBytes) - 4;

    /// <summary>The number of bytes before a value: the prefix, the entry's version and its expiry.</summary>
    public const int ValueHeadBytes = 1 + (2 * sizeof(long));

    public const byte BucketPrefix = 2;
    public const byte NodePrefix = 3;

    private const byte ValuePrefix = 4;

    public static void WriteValueHead(Span<byte> head, long version, long expiresAt)
    {
        head[0] = ValuePrefix;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], version);
        BinaryPrimitives.WriteInt64LittleEndian(head[(1 + sizeof(long))..], expiresAt);
    }

    public static void HashKey(ReadOnlySpan<byte> key, Span<byte> hash) => Sha3Lanes.Hash(key, hash);

    public static void HashValue(long version, long expiresAt, ReadOnlySpan<byte> value, Span<byte> hash)
    {
        Span<byte> head = stackalloc byte[ValueHeadBytes];
        WriteValueHead(head, version, expiresAt);
        Sha3Lanes.Hash(head, value, hash);
    }

    /// <summary>Computes the hash of a bucket.</summary>
    /// <param name="entries">The bucket's entries in order.</param>
    /// <param name="hash">Receives the hash.</param>
    public static void HashBucket(ReadOnlySpan<byte> entries, Span<byte> hash) => Sha3Lanes.Hash([BucketPrefix], entries, hash);

    public static void HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        Span<byte> both = stackalloc byte[1 + (2 * MerkleTree.HashBytes)];
        both[0] = NodePrefix;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + MerkleTree.HashBytes)..]);
        Sha3Lanes.Hash(both, hash);
    }

    /// <summary>Returns whether a key's path goes to the right child at a depth.</summary>
    public static bool GoesRight(ReadOnlySpan<byte> keyHash, int depth) => ((keyHash[depth >> 3] >> (7 - (depth & 7))) & 1) != 0;

    /// <summary>Returns the number of leading bits that two hashes have in common.</summary>
    public static int CommonBits(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        int bytes = one.CommonPrefixLength(other);
        return bytes == one.Length ? 8 * bytes : (8 * bytes) + BitOperations.LeadingZeroCount((uint)(one[bytes] ^ other[bytes])) - 24;
    }

    /// <summary>Returns how many of the entries go to the left child at a depth. The entries are in order and share the path to this
    /// depth.</summary>
    public static int CountLeft(ReadOnlySpan<byte> entries, int depth)
    {
        int low = 0, high = entries.Length / EntryBytes;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = GoesRight(entries[(middle * EntryBytes)..], depth) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>Searches for a key in a sorted list of entries.</summary>
    /// <returns>The index of the entry; if absent, the bitwise complement of the index where it would be inserted.</returns>
    public static int Find(ReadOnlySpan<byte> entries, ReadOnlySpan<byte> keyHash)
    {
        int low = 0, high = entries.Length / EntryBytes;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = entries.Slice(middle * EntryBytes, MerkleTree.HashBytes).SequenceCompareTo(keyHash);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order > 0 ? (low, middle) : (middle + 1, high);
        }

        return ~low;
    }

    /// <summary>Computes the root from a bucket and the sibling nodes along its path.</summary>
    /// <param name="keyHash">The hash of a key on the path.</param>
    /// <param name="path">The sibling nodes, starting at depth 1.</param>
    /// <param name="entries">The bucket's entries in order.</param>
    /// <param name="root">Receives the root.</param>
    public static void HashPath(ReadOnlySpan<byte> keyHash, ReadOnlySpan<byte> path, ReadOnlySpan<byte> entries, Span<byte> root)
    {
        HashBucket(entries, root);
        for (int depth = (path.Length / MerkleTree.HashBytes) - 1; depth >= 0; depth--)
        {
            ReadOnlySpan<byte> beside = path.Slice(depth * MerkleTree.HashBytes, MerkleTree.HashBytes);
            if (GoesRight(keyHash, depth))
            {
                HashNode(beside, root, root);
            }
            else
            {
                HashNode(root, beside, root);
            }
        }
    }
}
