namespace Estream.Crypto;

/// <summary>Verifies signatures with one public key. Implementations are immutable and thread-safe.</summary>
public interface IVerifier
{
    /// <summary>The algorithm's name in the standard, such as <c>ML-DSA-87</c>.</summary>
    string Algorithm { get; }

    /// <summary>The encoded public key.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Size of every signature, in bytes.</summary>
    int SignatureSize { get; }

    /// <summary>Verifies a signature. Never throws, whatever the input.</summary>
    /// <param name="data">The data the signature is claimed to cover.</param>
    /// <param name="context">The context the signature is claimed to be made for.</param>
    /// <param name="signature">The claimed signature, of any length.</param>
    /// <returns>True if the signature was made with the matching private key for this data and context.</returns>
    bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature);
}
