using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Computes the message representative μ of a message and its context, 64 bytes (FIPS 204, algorithms 2 and 7).</summary>
internal static class MessageHash
{
    /// <summary>The maximum length of a context, in bytes.</summary>
    public const int MaxContextBytes = 255;

    // Domain separator of pure ML-DSA: the message itself is signed, not a hash of it.
    private const byte Pure = 0;

    /// <summary>Computes μ.</summary>
    /// <param name="keyHash">The hash of the public key.</param>
    /// <param name="message">The message; any bytes.</param>
    /// <param name="context">The context, at most 255 bytes.</param>
    /// <param name="mu">Receives the 64 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> keyHash, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, Span<byte> mu)
    {
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(keyHash);
        sponge.Absorb([Pure, (byte)context.Length]);
        sponge.Absorb(context);
        sponge.Absorb(message);
        sponge.Squeeze(mu);

        // The message may be a secret.
        sponge.Clear();
    }
}
