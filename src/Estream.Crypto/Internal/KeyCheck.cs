using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal;

/// <summary>What is said of keys and buffers that are not what they have to be.</summary>
internal static class KeyCheck
{
    /// <summary>Key material from outside has the length of its standard.</summary>
    public static void Length(ReadOnlySpan<byte> bytes, int expected, string what)
    {
        if (bytes.Length != expected)
        {
            throw new EstreamInvalidKeyException(
                $"An ML-KEM-1024 {what} has {expected} bytes; {bytes.Length} were given. Look whether it is of another parameter set or still wrapped in an ASN.1 structure.",
                KeyFault.Length);
        }
    }

    /// <summary>A caller's buffer has the length it must have.</summary>
    public static void Argument(int actual, int expected, string name)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{name} has {actual} bytes; it must have exactly {expected}.", name);
        }
    }

    /// <summary>Coefficients that are too large.</summary>
    [DoesNotReturn]
    public static void ThrowModulus(string what) =>
        throw new EstreamInvalidKeyException(
            $"The bytes are no ML-KEM-1024 {what}: a coefficient is not below 3329 (FIPS 203, section 7). They were damaged, or are something else; get the key again from where it was made.",
            KeyFault.Modulus);

    /// <summary>A private key that was changed.</summary>
    [DoesNotReturn]
    public static void ThrowHash() =>
        throw new EstreamInvalidKeyException(
            "The hash in the ML-KEM-1024 private key is not that of the public key in it (FIPS 203, section 7.3). It was damaged, or put together from two keys; restore it from a whole copy.",
            KeyFault.Hash);
}
