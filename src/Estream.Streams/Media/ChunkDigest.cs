using System.Security.Cryptography;

namespace Estream.Streams.Media;

/// <summary>SHA-256 of chunks, and of the Merkle tree over them (RFC 9162, section 2.1.1). Leaves and nodes are hashed with different
/// prefixes, so neither can be passed off as the other.</summary>
internal static class ChunkDigest
{
    public const int Bytes = SHA256.HashSizeInBytes;

    private const byte Leaf = 0;
    private const byte Node = 1;

    public static void OfChunk(ReadOnlySpan<byte> chunk, Span<byte> digest)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([Leaf]);
        hash.AppendData(chunk);
        _ = hash.GetHashAndReset(digest);
    }

    /// <summary>Computes the root over consecutive digests of chunks.</summary>
    public static void OfTree(ReadOnlySpan<byte> digests, Span<byte> root)
    {
        int count = digests.Length / Bytes;
        if (count == 0)
        {
            _ = SHA256.HashData([], root);
            return;
        }

        if (count == 1)
        {
            digests.CopyTo(root);
            return;
        }

        // The left side is the largest complete tree that leaves at least one leaf for the right side: at most 31 levels deep.
        int left = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count) / 2;
        Span<byte> pair = stackalloc byte[1 + (2 * Bytes)];
        pair[0] = Node;
        OfTree(digests[..(left * Bytes)], pair.Slice(1, Bytes));
        OfTree(digests[(left * Bytes)..], pair[(1 + Bytes)..]);
        _ = SHA256.HashData(pair, root);
    }
}
