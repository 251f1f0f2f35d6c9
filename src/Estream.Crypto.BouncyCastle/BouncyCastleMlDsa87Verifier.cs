using Estream.Crypto.BouncyCastle.Internal;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Estream.Crypto.BouncyCastle;

/// <summary>Verifies ML-DSA-87 (FIPS 204) signatures with BouncyCastle, for users whose rules require that library.</summary>
/// <remarks>
/// Accepts exactly the signatures that <see cref="MlDsa87PublicKey"/> accepts. Immutable and thread-safe. Each verification allocates
/// memory.
/// </remarks>
public sealed class BouncyCastleMlDsa87Verifier : IVerifier
{
    private readonly byte[] _encoded;
    private readonly MLDsaPublicKeyParameters _key;

    private BouncyCastleMlDsa87Verifier(byte[] encoded)
    {
        _encoded = encoded;
        _key = MLDsaPublicKeyParameters.FromEncoding(MLDsaParameters.ml_dsa_87, encoded);
    }

    /// <inheritdoc/>
    public string Algorithm => MlDsa87.Name;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _encoded;

    /// <inheritdoc/>
    public int SignatureSize => MlDsa87.SignatureBytes;

    /// <summary>Reads a key. Any bytes of the right length encode a key.</summary>
    /// <param name="encoded"><see cref="MlDsa87.PublicKeyBytes"/> bytes from any source. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">The key has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    public static BouncyCastleMlDsa87Verifier Import(ReadOnlySpan<byte> encoded)
    {
        InputCheck.KeyLength(encoded.Length, MlDsa87.PublicKeyBytes, "public key");
        return new BouncyCastleMlDsa87Verifier(encoded.ToArray());
    }

    /// <summary>Creates a verifier from an existing key.</summary>
    /// <param name="key">The key.</param>
    public static BouncyCastleMlDsa87Verifier Of(MlDsa87PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new BouncyCastleMlDsa87Verifier(key.PublicKey.ToArray());
    }

    /// <summary>Reads a key file, in the formats of <see cref="MlDsa87PublicKey.Load"/>.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="EstreamInvalidKeyException">The file does not contain an ML-DSA-87 public key.</exception>
    /// <exception cref="Core.EstreamStorageException">The file cannot be read.</exception>
    public static BouncyCastleMlDsa87Verifier Load(string path) => Of(MlDsa87PublicKey.Load(path));

    /// <inheritdoc/>
    /// <remarks>Also returns false for a context of more than <see cref="MlDsa87.MaxContextBytes"/> bytes, for which no signature can
    /// exist.</remarks>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature)
    {
        if (context.Length > MlDsa87.MaxContextBytes || signature.Length != MlDsa87.SignatureBytes)
        {
            return false;
        }

        var verifier = new MLDsaSigner(MLDsaParameters.ml_dsa_87, deterministic: true);
        verifier.Init(forSigning: false, new ParametersWithContext(_key, context));
        verifier.BlockUpdate(data);
        return verifier.VerifySignature(signature.ToArray());
    }
}
