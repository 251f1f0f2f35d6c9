using System.Security.Cryptography;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>Verifies ML-DSA-87 signatures through .NET's <see cref="MLDsa"/>, computed by the platform's own library. Accepts exactly the
/// signatures that <see cref="MlDsa87PublicKey"/> accepts.</summary>
/// <remarks>Immutable and thread-safe. Holds only the encoded key; each verification passes it to the platform, which expands it
/// again.</remarks>
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

    /// <summary>Reads a key. Any bytes of the right length encode a key.</summary>
    /// <param name="encoded"><see cref="MlDsa87.PublicKeyBytes"/> bytes from any source. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">The key has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The platform does not support the algorithm
    /// (<see cref="PlatformMlDsa87Signer.IsSupported"/>).</exception>
    public static PlatformMlDsa87Verifier Import(ReadOnlySpan<byte> encoded)
    {
        KeyCheck.Length(encoded, MlDsa87.PublicKeyBytes, MlDsa87.Name, "public key");
        PlatformMlDsa87Signer.Require();
        return new PlatformMlDsa87Verifier(encoded.ToArray());
    }

    /// <inheritdoc/>
    /// <remarks>Also returns false for a context of more than <see cref="MlDsa87.MaxContextBytes"/> bytes, for which no signature can
    /// exist.</remarks>
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
