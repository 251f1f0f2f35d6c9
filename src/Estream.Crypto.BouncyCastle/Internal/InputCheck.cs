namespace Estream.Crypto.BouncyCastle.Internal;

/// <summary>Checks keys and buffers with the errors of the other signers, before BouncyCastle sees them.</summary>
internal static class InputCheck
{
    /// <summary>Throws if key material has another length than the standard demands.</summary>
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

    /// <summary>Throws if a context is too long to sign for.</summary>
    public static void Context(int actual, string name)
    {
        if (actual > MlDsa87.MaxContextBytes)
        {
            throw new ArgumentException(
                $"The context has {actual} bytes; FIPS 204 allows {MlDsa87.MaxContextBytes}. Use a hash of it.", name);
        }
    }

    /// <summary>Throws if the buffer for a signature has another length than a signature.</summary>
    public static void SignatureLength(int actual, string name)
    {
        if (actual != MlDsa87.SignatureBytes)
        {
            throw new ArgumentException($"{name} has {actual} bytes; it must have exactly {MlDsa87.SignatureBytes}.", name);
        }
    }
}
