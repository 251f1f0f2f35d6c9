using System.Buffers.Binary;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>
/// Decides which Ed25519 public keys are accepted: y must be below the field prime (RFC 8032, section 5.1.3), and the point must not be one
/// of the eight points of small order, under which one signature is valid for many messages without a private key. OpenSSL checks neither.
/// </summary>
internal static class Ed25519Point
{
    // The y-coordinates of the points of order 1, 2, 4 and 8, little-endian, without the sign of x.
    private static readonly byte[][] s_smallOrder =
    [
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    ];

    public static bool IsSound(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != Crypto.Ed25519.PublicKeyBytes)
        {
            return false;
        }

        Span<byte> y = stackalloc byte[Crypto.Ed25519.PublicKeyBytes];
        encoded.CopyTo(y);
        y[^1] &= 0x7F;
        bool isSmall = false;
        foreach (byte[] small in s_smallOrder)
        {
            isSmall |= y.SequenceEqual(small);
        }

        return !isSmall && IsBelowPrime(y);
    }

    /// <summary>Whether y is below 2^255 - 19.</summary>
    private static bool IsBelowPrime(ReadOnlySpan<byte> y)
    {
        bool isHighPartFull = y[^1] == 0x7F && !y[sizeof(ulong)..^1].ContainsAnyExcept((byte)0xFF);
        return !isHighPartFull || BinaryPrimitives.ReadUInt64LittleEndian(y) < 0xFFFF_FFFF_FFFF_FFED;
    }
}
