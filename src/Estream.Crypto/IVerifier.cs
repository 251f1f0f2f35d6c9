namespace Estream.Crypto;

/// <summary>Checks signatures with one public key. Implementations are immutable and thread-safe.</summary>
public interface IVerifier
{
    /// <summary>What the standard calls the algorithm, such as <c>ML-DSA-87</c>.</summary>
    string Algorithm { get; }

    /// <summary>The encoded public key.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Bytes of every signature.</summary>
    int SignatureSize { get; }

    /// <summary>Verifies. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="data">What is said to be signed.</param>
    /// <param name="context">What it is said to be signed for.</param>
    /// <param name="signature">What is said to be the signature, of any length.</param>
    /// <returns>Whether it is one of this key, for this data and context.</returns>
    bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature);
}
