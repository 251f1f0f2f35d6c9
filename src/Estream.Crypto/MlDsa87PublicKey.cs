using Estream.Crypto.Internal;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto;

/// <summary>A public key of ML-DSA-87 (FIPS 204): verifies signatures made with the matching private key. Even a quantum computer cannot
/// forge signatures without the private key.</summary>
/// <remarks>
/// Immutable and thread-safe. Holds the values derived from the key alone (the expanded matrix, the transformed t; about 68 KiB), so a
/// verification does not compute them again, and allocates nothing. To use a key more than once, keep this object, not the encoded bytes.
/// Not audited; <c>docs/guides/crypto.md</c> lists the checks that were made.
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

    /// <summary>Reads a key. Any bytes of the right length encode a key.</summary>
    /// <param name="encoded"><see cref="MlDsa87.PublicKeyBytes"/> bytes from any source. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">The key has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    /// <remarks>Takes some tens of microseconds, because it expands the matrix.</remarks>
    public static MlDsa87PublicKey Import(ReadOnlySpan<byte> encoded)
    {
        KeyCheck.Length(encoded, MlDsa87.PublicKeyBytes, MlDsa87.Name, "public key");
        VectorCode.Begin();
        return new MlDsa87PublicKey(VerificationKey.Expand(ParameterSet.MlDsa87, arithmetic: null, encoded));
    }

    /// <summary>Writes the encoded key.</summary>
    /// <param name="destination">Receives the key: exactly <see cref="MlDsa87.PublicKeyBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    public void Export(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, MlDsa87.PublicKeyBytes, nameof(destination));
        _key.Encoded.Span.CopyTo(destination);
    }

    /// <inheritdoc/>
    /// <remarks>Also returns false for a context of more than <see cref="MlDsa87.MaxContextBytes"/> bytes, for which no signature can
    /// exist. Allocates nothing.</remarks>
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

    /// <summary>Verifies a signature of a message that the caller has already hashed.</summary>
    /// <param name="mu">The standard's μ. Any length other than <see cref="MlDsa87.MuBytes"/> bytes returns false.</param>
    /// <param name="signature">The claimed signature, of any length.</param>
    /// <returns>True if the signature was made with the matching private key for this μ.</returns>
    public bool VerifyMu(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> signature) => mu.Length == MlDsa87.MuBytes && _key.Verify(mu, signature);

    /// <summary>Hashes a message and its context. <see cref="VerifyMu"/> and
    /// <see cref="MlDsa87PrivateKey.SignMu(ReadOnlySpan{byte}, Span{byte})"/> take the hash instead of message and context.</summary>
    /// <param name="data">The message.</param>
    /// <param name="context">The context, at most <see cref="MlDsa87.MaxContextBytes"/> bytes.</param>
    /// <param name="mu">Receives the standard's μ: exactly <see cref="MlDsa87.MuBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long, or the span for μ has the wrong length.</exception>
    public void ComputeMu(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> mu)
    {
        KeyCheck.Context(context.Length, MlDsa87.MaxContextBytes, nameof(context));
        KeyCheck.Argument(mu.Length, MlDsa87.MuBytes, nameof(mu));
        MessageHash.Compute(_key.Hash, data, context, mu);
    }
}
