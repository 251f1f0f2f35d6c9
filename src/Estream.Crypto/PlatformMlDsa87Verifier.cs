using System.Security.Cryptography;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>Verifies ML-DSA-87 by <see cref="MLDsa"/> of .NET, which the platform's own library computes. What it accepts
/// <see cref="MlDsa87PublicKey"/> accepts, and nothing else.</summary>
/// <remarks>Immutable and thread-safe. It is the encoded key and nothing else: each verification gives it to the platform anew, which
/// expands it.</remarks>
public sealed class PlatformMlDsa87Verifier : IVerifier
{
    private readonly byte[] _encoded;

    private PlatformMlDsa87Verifier(byte[] encoded) => _encoded = encoded;

    /// <inheritdoc/>
    public string Algorithm => MlDsa87.Name;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _encoded;

    /// <inheritdoc/>
    public int SignatureSize => MlDsa87.SignatureBytes;

    /// <summary>Reads a key. Any bytes of the right length are the encoding of one.</summary>
    /// <param name="encoded"><see cref="MlDsa87.PublicKeyBytes"/> bytes from anywhere. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">It has another length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The platform has not the algorithm
    /// (<see cref="PlatformMlDsa87Signer.IsSupported"/>).</exception>
    public static PlatformMlDsa87Verifier Import(ReadOnlySpan<byte> encoded)
    {
        KeyCheck.Length(encoded, MlDsa87.PublicKeyBytes, MlDsa87.Name, "public key");
        PlatformMlDsa87Signer.Require();
        return new PlatformMlDsa87Verifier(encoded.ToArray());
    }

    /// <inheritdoc/>
    /// <remarks>False as well where the context has more than <see cref="MlDsa87.MaxContextBytes"/> bytes: nothing can be signed for
    /// it.</remarks>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature)
    {
        if (context.Length > MlDsa87.MaxContextBytes || signature.Length != MlDsa87.SignatureBytes)
        {
            return false;
        }

        using MLDsa key = MLDsa.ImportMLDsaPublicKey(MLDsaAlgorithm.MLDsa87, _encoded);
        return key.VerifyData(data, signature, context);
    }
}
