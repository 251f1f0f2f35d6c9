using System.Security.Cryptography;
using Estream.Crypto.BouncyCastle.Internal;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace Estream.Crypto.BouncyCastle;

/// <summary>Signs with ML-DSA-87 (FIPS 204) computed by BouncyCastle, for users whose rules require that library.</summary>
/// <remarks>
/// Keys, key files and signatures are compatible with <see cref="MlDsa87PrivateKey"/>. Thread-safe; threads do not wait for each other.
/// Each signature allocates memory and takes several times as long as one of <see cref="MlDsa87PrivateKey"/>. BouncyCastle keeps
/// the secrets in memory that the garbage collector may move, and offers no way to overwrite them (<see cref="Dispose"/>).
/// </remarks>
public sealed class BouncyCastleMlDsa87Signer : ISigner
{
    // Uses the system's random number generator, like the other signers. The generator is thread-safe.
    private static readonly SecureRandom s_random = new(new CryptoApiRandomGenerator());

    private readonly BouncyCastleMlDsa87Verifier _verifier;
    private MLDsaPrivateKeyParameters? _key;

    private BouncyCastleMlDsa87Signer(MLDsaPrivateKeyParameters key)
    {
        _key = key;
        _verifier = BouncyCastleMlDsa87Verifier.Import(key.GetPublicKeyEncoded());
    }

    /// <inheritdoc/>
    public string Algorithm => MlDsa87.Name;

    /// <inheritdoc/>
    public IVerifier Verifier => _verifier;

    /// <inheritdoc/>
    public int SignatureSize => MlDsa87.SignatureBytes;

    /// <summary>Creates a signer from a seed.</summary>
    /// <param name="seed">The standard's ξ: <see cref="MlDsa87.SeedBytes"/> bytes. Copied; the caller clears its own copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The seed has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    public static BouncyCastleMlDsa87Signer ImportSeed(ReadOnlySpan<byte> seed)
    {
        InputCheck.KeyLength(seed.Length, MlDsa87.SeedBytes, "seed");
        byte[] secret = GC.AllocateUninitializedArray<byte>(MlDsa87.SeedBytes, pinned: true);
        seed.CopyTo(secret);
        return FromSecret(secret, isSeed: true);
    }

    /// <summary>Creates a signer from an existing key.</summary>
    /// <param name="key">The key. The caller keeps ownership and disposes it.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static BouncyCastleMlDsa87Signer Of(MlDsa87PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] secret = GC.AllocateUninitializedArray<byte>(key.HasSeed ? MlDsa87.SeedBytes : MlDsa87.PrivateKeyBytes, pinned: true);
        if (key.HasSeed)
        {
            key.ExportSeed(secret);
        }
        else
        {
            key.Export(secret);
        }

        return FromSecret(secret, key.HasSeed);
    }

    /// <summary>Creates a signer from a key file, which <see cref="MlDsa87PrivateKey.Load"/> reads and checks.</summary>
    /// <param name="path">The path of the file: unencrypted PKCS#8 in PEM. Only its owner may have access.</param>
    /// <exception cref="EstreamInvalidKeyException">The file does not contain an ML-DSA-87 private key.</exception>
    /// <exception cref="Core.EstreamStorageException">The file cannot be read, or users other than its owner have access.</exception>
    public static BouncyCastleMlDsa87Signer Load(string path)
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Load(path);
        return Of(key);
    }

    /// <inheritdoc/>
    /// <remarks>Hedged, as the standard recommends: two signatures of the same data differ.</remarks>
    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature) =>
        Sign(data, context, signature, isDeterministic: false);

    /// <summary>Signs deterministically: the same data and context always give the same signature.</summary>
    /// <param name="data">The data to sign.</param>
    /// <param name="context">The context of the signature, at most <see cref="MlDsa87.MaxContextBytes"/> bytes.</param>
    /// <param name="signature">Receives the signature: exactly <see cref="MlDsa87.SignatureBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long, or the signature span has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The signer was disposed.</exception>
    /// <remarks>
    /// An attacker who can cause computing faults in the processor learns the key from a second signature of the same data. Prefer
    /// <see cref="Sign(ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte})"/>.
    /// </remarks>
    public void SignDeterministic(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature) =>
        Sign(data, context, signature, isDeterministic: true);

    /// <summary>Releases the key. Idempotent.</summary>
    /// <remarks>
    /// This class overwrites its own copies of a secret as soon as BouncyCastle has the key. BouncyCastle's copies cannot be overwritten:
    /// the signer drops them, and they stay in memory until the garbage collector reuses it. If secrets must be overwritten, use
    /// <see cref="MlDsa87PrivateKey"/>.
    /// </remarks>
    public void Dispose() => Volatile.Write(ref _key, null);

    // Takes ownership of the secret and overwrites it. FromSeed keeps the array only for GetSeed; signing does not use the array.
    private static BouncyCastleMlDsa87Signer FromSecret(byte[] secret, bool isSeed)
    {
        try
        {
            return new BouncyCastleMlDsa87Signer(isSeed
                ? MLDsaPrivateKeyParameters.FromSeed(MLDsaParameters.ml_dsa_87, secret)
                : MLDsaPrivateKeyParameters.FromEncoding(MLDsaParameters.ml_dsa_87, secret));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature, bool isDeterministic)
    {
        InputCheck.Context(context.Length, nameof(context));
        InputCheck.SignatureLength(signature.Length, nameof(signature));
        MLDsaPrivateKeyParameters? key = Volatile.Read(ref _key);
        ObjectDisposedException.ThrowIf(key is null, this);
        ICipherParameters parameters = isDeterministic ? key : new ParametersWithRandom(key, s_random);

        // A signer of BouncyCastle holds the state of one signature; its keys do not change, so threads share the key.
        var signer = new MLDsaSigner(MLDsaParameters.ml_dsa_87, isDeterministic);
        signer.Init(forSigning: true, new ParametersWithContext(parameters, context));
        signer.BlockUpdate(data);
        signer.GenerateSignature().CopyTo(signature);
    }
}
