using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal;

/// <summary>What is said of keys and buffers that are not what they have to be.</summary>
internal static class KeyCheck
{
    /// <summary>Key material from outside has the length of its standard.</summary>
    public static void Length(ReadOnlySpan<byte> bytes, int expected, string algorithm, string what)
    {
        if (bytes.Length != expected)
        {
            throw new EstreamInvalidKeyException(
                $"An {algorithm} {what} has {expected} bytes; {bytes.Length} were given. Look whether it is of another parameter set or "
                + "still wrapped in an ASN.1 structure.",
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
            $"The bytes are no ML-KEM-1024 {what}: a coefficient is not below 3329 (FIPS 203, section 7). They were damaged, or are "
            + "something else; get the key again from where it was made.",
            KeyFault.Modulus);

    /// <summary>A private key that was changed.</summary>
    [DoesNotReturn]
    public static void ThrowHash() =>
        throw new EstreamInvalidKeyException(
            "The hash in the ML-KEM-1024 private key is not that of the public key in it (FIPS 203, section 7.3). It was damaged, or put "
            + "together from two keys; restore it from a whole copy.",
            KeyFault.Hash);

    /// <summary>A context that is too long.</summary>
    public static void Context(int actual, int most, string name)
    {
        if (actual > most)
        {
            throw new ArgumentException($"The context has {actual} bytes; FIPS 204 allows {most}. Use a hash of it.", name);
        }
    }

    /// <summary>A secret coefficient that no key has.</summary>
    [DoesNotReturn]
    public static void ThrowRange(string algorithm) =>
        throw new EstreamInvalidKeyException(
            $"The bytes are no {algorithm} private key: a secret coefficient is out of range (FIPS 204, section 7.2). They were damaged, "
            + "or are something else; restore the key from a whole copy.",
            KeyFault.Range);

    /// <summary>A private key whose parts do not belong together.</summary>
    [DoesNotReturn]
    public static void ThrowDerived(string algorithm) =>
        throw new EstreamInvalidKeyException(
            $"The hash or the lower part of t in the {algorithm} private key are not those of its secrets. It was damaged, or put "
            + "together from two keys; restore it from a whole copy.",
            KeyFault.Hash);

    /// <summary>Bytes that are not the structure they were given as.</summary>
    [DoesNotReturn]
    public static void ThrowEncoding(string algorithm, string what) =>
        throw new EstreamInvalidKeyException(
            $"The bytes are no {what} of {algorithm}: another structure, another algorithm, or damaged. Look what made them, and whether "
            + "they are encrypted, which is not read here.",
            KeyFault.Encoding);
}
