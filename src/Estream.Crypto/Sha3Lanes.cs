using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto;

/// <summary>SHA3-256 (FIPS 202) of many messages at a time, as many beside each other as the processor's vectors hold: the hashes of Merkle
/// trees.</summary>
/// <remarks>
/// Thread-safe. Allocates nothing. Eight messages cost about what one costs alone with AVX-512, and four with AVX2. Its time depends on
/// lengths alone; what was hashed is not wiped from the stack, so it is not for secrets.
/// </remarks>
public static class Sha3Lanes
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = 32;

    /// <summary>Hashes one message.</summary>
    /// <param name="message">Any bytes.</param>
    /// <param name="hash">Becomes the hash, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => Hash([], message, hash);

    /// <summary>Hashes one message that lies in two places.</summary>
    /// <param name="beginning">Its first bytes.</param>
    /// <param name="rest">Those that follow them.</param>
    /// <param name="hash">Becomes the hash, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public static void Hash(ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> rest, Span<byte> hash)
    {
        RequireLength(hash.Length, 1, nameof(hash));
        KeccakSponge sponge = KeccakSponge.Sha3_256();
        sponge.Absorb(beginning);
        sponge.Absorb(rest);
        sponge.Squeeze(hash);
    }

    /// <summary>Hashes many messages of any lengths.</summary>
    /// <param name="messages">Their bytes, one behind the other.</param>
    /// <param name="lengths">The length of each.</param>
    /// <param name="hashes">Becomes their hashes in the same order, exactly <see cref="HashBytes"/> bytes each. Not the memory of the
    /// messages.</param>
    /// <exception cref="ArgumentException">A length is negative, or they do not add up to the bytes there are, or there is room for more or
    /// fewer hashes.</exception>
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
            throw new ArgumentException($"The lengths add up to {sum}, but there are {messages.Length} bytes.", nameof(lengths));
        }

        LaneHashes.Many(messages, lengths, hashes, KeccakKernels.Best);
    }

    /// <summary>Hashes pairs of hashes behind a byte: the inner nodes of a Merkle tree from those below them.</summary>
    /// <param name="prefix">What is hashed in front of each pair.</param>
    /// <param name="pairs">Two hashes of <see cref="HashBytes"/> bytes for each node, one pair behind the other.</param>
    /// <param name="hashes">Becomes the hashes of the pairs, exactly <see cref="HashBytes"/> bytes each. Not the memory of the
    /// pairs.</param>
    /// <exception cref="ArgumentException">The pairs are not whole, or there is room for more or fewer hashes.</exception>
    public static void HashPairs(byte prefix, ReadOnlySpan<byte> pairs, Span<byte> hashes)
    {
        if (pairs.Length % (2 * HashBytes) != 0)
        {
            throw new ArgumentException($"There are {pairs.Length} bytes, not a multiple of {2 * HashBytes}: the pairs are not whole.",
                nameof(pairs));
        }

        RequireLength(hashes.Length, pairs.Length / (2 * HashBytes), nameof(hashes));
        LaneHashes.Pairs(prefix, pairs, hashes, KeccakKernels.Best);
    }

    private static void RequireLength(int bytes, int count, string name)
    {
        if (bytes != (long)count * HashBytes)
        {
            throw new ArgumentException($"There is room for {bytes} bytes; {count} hashes have {(long)count * HashBytes}.", name);
        }
    }
}
