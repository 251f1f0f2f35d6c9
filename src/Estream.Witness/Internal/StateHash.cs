using System.Buffers.Binary;
using System.Numerics;
using Estream.Crypto;

namespace Estream.Witness.Internal;

/// <summary>How the state of a map is hashed: docs/formats/witness.md, "The state of a map".</summary>
internal static class StateHash
{
    /// <summary>Bytes of an entry: the hash of its key and that of its value.</summary>
    public const int EntryBytes = 2 * MerkleTree.HashBytes;

    /// <summary>The most entries of a bucket.</summary>
    public const int BucketEntries = 16;

    /// <summary>The deepest bucket: no more keys than fit in one can have so many first bits of their hashes in common.</summary>
    public const int MaxDepth = (8 * MerkleTree.HashBytes) - 4;

    /// <summary>Bytes in front of a value: the prefix, the entry's version and its end.</summary>
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

    /// <summary>The hash of a bucket.</summary>
    /// <param name="entries">Its entries in order.</param>
    /// <param name="hash">Becomes it.</param>
    public static void HashBucket(ReadOnlySpan<byte> entries, Span<byte> hash) => Sha3Lanes.Hash([BucketPrefix], entries, hash);

    public static void HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        Span<byte> both = stackalloc byte[1 + (2 * MerkleTree.HashBytes)];
        both[0] = NodePrefix;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + MerkleTree.HashBytes)..]);
        Sha3Lanes.Hash(both, hash);
    }

    /// <summary>Whether a key's way goes to the right at a depth.</summary>
    public static bool GoesRight(ReadOnlySpan<byte> keyHash, int depth) => ((keyHash[depth >> 3] >> (7 - (depth & 7))) & 1) != 0;

    /// <summary>How many bits two hashes begin with alike.</summary>
    public static int CommonBits(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        int bytes = one.CommonPrefixLength(other);
        return bytes == one.Length ? 8 * bytes : (8 * bytes) + BitOperations.LeadingZeroCount((uint)(one[bytes] ^ other[bytes])) - 24;
    }

    /// <summary>How many of some entries in order, all of the same way down to a depth, go to the left there.</summary>
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

    /// <summary>Looks for an entry among some in order.</summary>
    /// <returns>Where it is, or what a search in an array says when it is not: the complement of where it would be.</returns>
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

    /// <summary>The root that follows from a bucket and the nodes beside the way to it.</summary>
    /// <param name="keyHash">A key whose way it is.</param>
    /// <param name="path">The nodes, that of depth 1 first.</param>
    /// <param name="entries">The bucket's entries in order.</param>
    /// <param name="root">Becomes the root.</param>
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
