using Estream.Crypto.Internal;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto;

/// <summary>A public key of ML-DSA-87 (FIPS 204): tells whether a signature was made with the private key, which not even a quantum
/// computer can do without.</summary>
/// <remarks>
/// Immutable and thread-safe. It keeps what follows from the key alone (the expanded matrix, the transformed t; about 68 KiB), so that
/// verifying computes only what is new and allocates nothing: keep the object rather than the bytes where it is used more than once. Not
/// audited; <c>docs/guides/crypto.md</c> says what was checked.
/// </remarks>
public sealed partial class MlDsa87PublicKey : IVerifier
{
    private readonly VerificationKey _key;

    internal MlDsa87PublicKey(VerificationKey key) => _key = key;

    /// <inheritdoc/>
    public string Algorithm => MlDsa87.Name;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _key.Encoded;

    /// <inheritdoc/>
    public int SignatureSize => MlDsa87.SignatureBytes;

    /// <summary>Reads a key. Any bytes of the right length are the encoding of one.</summary>
    /// <param name="encoded"><see cref="MlDsa87.PublicKeyBytes"/> bytes from anywhere. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">It has another length (<see cref="KeyFault.Length"/>).</exception>
    /// <remarks>Costs some tens of microseconds: it expands the matrix.</remarks>
    public static MlDsa87PublicKey Import(ReadOnlySpan<byte> encoded)
    {
        KeyCheck.Length(encoded, MlDsa87.PublicKeyBytes, MlDsa87.Name, "public key");
        return new MlDsa87PublicKey(VerificationKey.Expand(ParameterSet.MlDsa87, PolynomialArithmetic.Best, encoded));
    }

    /// <summary>Writes the encoded key.</summary>
    /// <param name="destination">Exactly <see cref="MlDsa87.PublicKeyBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void Export(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, MlDsa87.PublicKeyBytes, nameof(destination));
        _key.Encoded.Span.CopyTo(destination);
    }

    /// <inheritdoc/>
    /// <remarks>False as well where the context has more than <see cref="MlDsa87.MaxContextBytes"/> bytes: nothing can be signed for it.
    /// Allocates nothing.</remarks>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature)
    {
        if (context.Length > MlDsa87.MaxContextBytes)
        {
            return false;
        }

        Span<byte> mu = stackalloc byte[MlDsa87.MuBytes];
        MessageHash.Compute(_key.Hash, data, context, mu);
        return _key.Verify(mu, signature);
    }

    /// <summary>Verifies a signature of a message that was hashed by somebody else.</summary>
    /// <param name="mu">The standard's μ; not <see cref="MlDsa87.MuBytes"/> bytes are nobody's.</param>
    /// <param name="signature">What is said to be the signature, of any length.</param>
    /// <returns>Whether it is one of this key.</returns>
    public bool VerifyMu(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> signature) => mu.Length == MlDsa87.MuBytes && _key.Verify(mu, signature);

    /// <summary>Hashes a message for <see cref="VerifyMu"/> and <see cref="MlDsa87PrivateKey.SignMu(ReadOnlySpan{byte}, Span{byte})"/>,
    /// which then need neither message nor context.</summary>
    /// <param name="data">The message.</param>
    /// <param name="context">At most <see cref="MlDsa87.MaxContextBytes"/> bytes.</param>
    /// <param name="mu">Becomes the standard's μ, exactly <see cref="MlDsa87.MuBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long, or the hash has another length.</exception>
    public void ComputeMu(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> mu)
    {
        KeyCheck.Context(context.Length, MlDsa87.MaxContextBytes, nameof(context));
        KeyCheck.Argument(mu.Length, MlDsa87.MuBytes, nameof(mu));
        MessageHash.Compute(_key.Hash, data, context, mu);
    }
}
