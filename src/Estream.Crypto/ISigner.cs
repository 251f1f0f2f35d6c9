namespace Estream.Crypto;

/// <summary>Makes signatures with one private key. Implementations are thread-safe until they are disposed.</summary>
public interface ISigner : IDisposable
{
    /// <summary>What the standard calls the algorithm, such as <c>ML-DSA-87</c>.</summary>
    string Algorithm { get; }

    /// <summary>What checks these signatures. Stays usable when this is disposed.</summary>
    IVerifier Verifier { get; }

    /// <summary>Bytes of every signature.</summary>
    int SignatureSize { get; }

    /// <summary>Signs.</summary>
    /// <param name="data">What is signed: any bytes.</param>
    /// <param name="context">What it is signed for, which verification must name as well. Empty where there is only one purpose.</param>
    /// <param name="signature">Becomes the signature, exactly <see cref="SignatureSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long for the algorithm, or the signature has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature);
}
