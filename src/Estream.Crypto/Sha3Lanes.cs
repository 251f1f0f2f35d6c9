using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto;

/// <summary>Computes SHA3-256 (FIPS 202) of many messages at a time, as many in parallel as the processor's vectors hold. Used for the
/// hashes of Merkle trees.</summary>
/// <remarks>
/// Thread-safe. Allocates nothing. Eight messages cost about as much as a single one with AVX-512, and four with AVX2. The time depends
/// only on the lengths. Does not wipe the stack, so do not use it for secrets.
/// </remarks>
public static class Sha3Lanes
{
    /// <summary>Size of a hash, in bytes.</summary>
    public const int HashBytes = 32;

    /// <summary>Hashes one message.</summary>
    /// <param name="message">The message; may be empty.</param>
    /// <param name="hash">Receives the hash: exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the hash has the wrong length.</exception>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => Hash([], message, hash);

    /// <summary>Hashes one message that consists of two spans.</summary>
    /// <param name="beginning">The first bytes of the message.</param>
    /// <param name="rest">The bytes after <paramref name="beginning"/>.</param>
    /// <param name="hash">Receives the hash: exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the hash has the wrong length.</exception>
    public static void Hash(ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> rest, Span<byte> hash)
    {
        RequireLength(hash.Length, 1, nameof(hash));
        KeccakSponge sponge = KeccakSponge.Sha3_256();
        sponge.Absorb(beginning);
        sponge.Absorb(rest);
        sponge.Squeeze(hash);
    }

    /// <summary>Hashes many messages of any lengths.</summary>
    /// <param name="messages">The messages, concatenated.</param>
    /// <param name="lengths">The length of each message.</param>
    /// <param name="hashes">Receives the hashes in the same order, exactly <see cref="HashBytes"/> bytes each. Must not overlap the
    /// messages.</param>
    /// <exception cref="ArgumentException">A length is negative, the lengths do not add up to the size of the messages, or the span for the
    /// hashes has the wrong length.</exception>
    public static void HashMany(ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, Span<byte> hashes)
    {
        RequireLength(hashes.Length, lengths.Length, nameof(hashes));
        long sum = 0;
        foreach (int length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            sum += length;
        }

        if (sum != messages.Length)
        {
            throw new ArgumentException($"The lengths add up to {sum}; the messages have {messages.Length} bytes.", nameof(lengths));
        }

        LaneHashes.Many(messages, lengths, hashes, KeccakKernels.Best);
    }

    /// <summary>Hashes a prefix byte followed by a pair of hashes, for each pair: the inner nodes of a Merkle tree from their
    /// children.</summary>
    /// <param name="prefix">The byte before each pair.</param>
    /// <param name="pairs">The pairs, concatenated: two hashes of <see cref="HashBytes"/> bytes for each node.</param>
    /// <param name="hashes">Receives the hashes of the pairs, exactly <see cref="HashBytes"/> bytes each. Must not overlap the
    /// pairs.</param>
    /// <exception cref="ArgumentException">The pairs are incomplete, or the span for the hashes has the wrong length.</exception>
    public static void HashPairs(byte prefix, ReadOnlySpan<byte> pairs, Span<byte> hashes)
    {
        if (pairs.Length % (2 * HashBytes) != 0)
        {
            throw new ArgumentException($"The pairs have {pairs.Length} bytes, which is not a multiple of {2 * HashBytes}.",
                nameof(pairs));
        }

        RequireLength(hashes.Length, pairs.Length / (2 * HashBytes), nameof(hashes));
        LaneHashes.Pairs(prefix, pairs, hashes, KeccakKernels.Best);
    }

    private static void RequireLength(int bytes, int count, string name)
    {
        if (bytes != (long)count * HashBytes)
        {
            throw new ArgumentException($"The span has {bytes} bytes; {count} hashes have {(long)count * HashBytes}.", name);
        }
    }
}
