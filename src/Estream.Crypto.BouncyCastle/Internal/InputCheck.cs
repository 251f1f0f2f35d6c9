namespace Estream.Crypto.BouncyCastle.Internal;

/// <summary>Checks keys and buffers before BouncyCastle uses them, and throws the same errors as the other signers.</summary>
internal static class InputCheck
{
    /// <summary>Throws unless key material has the length that the standard requires.</summary>
    public static void KeyLength(int actual, int expected, string what)
    {
        if (actual != expected)
        {
            throw new EstreamInvalidKeyException(
                $"An {MlDsa87.Name} {what} has {expected} bytes; {actual} were given. "
                + "Check that it belongs to this parameter set and is not wrapped in an ASN.1 structure.",
                KeyFault.Length);
        }
    }

    /// <summary>Throws if a context is too long.</summary>
    public static void Context(int actual, string name)
    {
        if (actual > MlDsa87.MaxContextBytes)
        {
            throw new ArgumentException(
                $"The context has {actual} bytes; FIPS 204 allows at most {MlDsa87.MaxContextBytes}. Use its hash.", name);
        }
    }

    /// <summary>Throws unless the buffer for a signature has the length of a signature.</summary>
    public static void SignatureLength(int actual, string name)
    {
        if (actual != MlDsa87.SignatureBytes)
        {
            throw new ArgumentException($"{name} has {actual} bytes; it must have exactly {MlDsa87.SignatureBytes}.", name);
        }
    }
}
