using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The 64 bytes μ that stand for a message and its context (FIPS 204, algorithms 2 and 7).</summary>
internal static class MessageHash
{
    /// <summary>A context has no more bytes than this.</summary>
    public const int MaxContextBytes = 255;

    // The message itself is signed, and not a hash of it.
    private const byte Pure = 0;

    /// <summary>Computes them.</summary>
    /// <param name="keyHash">The hash of the public key.</param>
    /// <param name="message">Any bytes.</param>
    /// <param name="context">At most 255 bytes.</param>
    /// <param name="mu">Becomes the 64 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> keyHash, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, Span<byte> mu)
    {
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(keyHash);
        sponge.Absorb([Pure, (byte)context.Length]);
        sponge.Absorb(context);
        sponge.Absorb(message);
        sponge.Squeeze(mu);

        // A message may be a secret too.
        sponge.Clear();
    }
}
