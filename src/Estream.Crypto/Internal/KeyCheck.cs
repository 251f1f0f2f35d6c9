using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto.Internal;

/// <summary>Checks keys and buffers, and throws the exceptions for invalid keys and buffers.</summary>
internal static class KeyCheck
{
    /// <summary>Throws unless key material from outside has the length that its standard requires.</summary>
    public static void Length(ReadOnlySpan<byte> bytes, int expected, string algorithm, string what)
    {
        if (bytes.Length != expected)
        {
            throw new EstreamInvalidKeyException(
                $"An {algorithm} {what} has {expected} bytes; {bytes.Length} were given. Check that it belongs to this parameter set "
                + "and is not wrapped in an ASN.1 structure.",
                KeyFault.Length);
        }
    }

    /// <summary>Throws unless a caller's buffer has the required length.</summary>
    public static void Argument(int actual, int expected, string name)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{name} has {actual} bytes; it must have exactly {expected}.", name);
        }
    }

    /// <summary>Throws for a coefficient that is not below the modulus.</summary>
    [DoesNotReturn]
    public static void ThrowModulus(string what) =>
        throw new EstreamInvalidKeyException(
            $"The bytes are not an ML-KEM-1024 {what}: a coefficient is not below 3329 (FIPS 203, section 7). They are damaged or not "
            + "a key; get the key again from its source.",
            KeyFault.Modulus);

    /// <summary>Throws for a private key whose hash does not match its public key.</summary>
    [DoesNotReturn]
    public static void ThrowHash() =>
        throw new EstreamInvalidKeyException(
            "The hash in the ML-KEM-1024 private key does not match its public key (FIPS 203, section 7.3). The key is damaged, or "
            + "assembled from two keys; restore it from an intact copy.",
            KeyFault.Hash);

    /// <summary>Throws if a context is too long.</summary>
    public static void Context(int actual, int most, string name)
    {
        if (actual > most)
        {
            throw new ArgumentException($"The context has {actual} bytes; FIPS 204 allows at most {most}. Use its hash.", name);
        }
    }

    /// <summary>Throws for a secret coefficient that is out of range.</summary>
    [DoesNotReturn]
    public static void ThrowRange(string algorithm) =>
        throw new EstreamInvalidKeyException(
            $"The bytes are not an {algorithm} private key: a secret coefficient is out of range (FIPS 204, section 7.2). They are "
            + "damaged or not a key; restore the key from an intact copy.",
            KeyFault.Range);

    /// <summary>Throws for a private key whose parts do not belong together.</summary>
    [DoesNotReturn]
    public static void ThrowDerived(string algorithm) =>
        throw new EstreamInvalidKeyException(
            $"The hash or the lower part of t in the {algorithm} private key does not match its secrets. The key is damaged, or "
            + "assembled from two keys; restore it from an intact copy.",
            KeyFault.Hash);

    /// <summary>Throws for a public key that is not a usable point.</summary>
    [DoesNotReturn]
    public static void ThrowPoint(string algorithm) =>
        throw new EstreamInvalidKeyException(
            $"The bytes are not a public key of {algorithm}: they do not encode a point of the curve, or the order of the point divides 8 "
            + "(RFC 9381, section 5.4.5). They are damaged or hostile; get the key again from its owner.",
            KeyFault.Point);

    /// <summary>Throws for bytes that are not the expected structure.</summary>
    [DoesNotReturn]
    public static void ThrowEncoding(string algorithm, string what) =>
        throw new EstreamInvalidKeyException(
            $"The bytes are not a {what} for {algorithm}: they have another structure or algorithm, or are damaged or encrypted. "
            + "Check how they were created; encrypted keys are not supported.",
            KeyFault.Encoding);
}
