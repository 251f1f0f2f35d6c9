using Estream.Crypto;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>Signs documents with an ML-DSA-87 key and, optionally, an Ed25519 key. Owns its keys. As thread-safe as its keys.</summary>
public sealed class DocumentSigner : IDisposable
{
    private readonly ISigner _mlDsa87;
    private readonly ISigner? _ed25519;

    /// <summary>Creates a signer that owns the keys and disposes them.</summary>
    /// <param name="mlDsa87">The ML-DSA-87 key.</param>
    /// <param name="ed25519">The Ed25519 key that signs too, or null.</param>
    /// <exception cref="ArgumentException">A key has another algorithm.</exception>
    public DocumentSigner(ISigner mlDsa87, ISigner? ed25519 = null)
    {
        ArgumentNullException.ThrowIfNull(mlDsa87);
        Require(mlDsa87, MlDsa87.Name, nameof(mlDsa87));
        Require(ed25519, Ed25519.Name, nameof(ed25519));
        (_mlDsa87, _ed25519) = (mlDsa87, ed25519);
        Key = new DocumentKey(
            MlDsa87PublicKey.Import(mlDsa87.Verifier.PublicKey.Span),
            ed25519 is null ? null : Ed25519PublicKey.Import(ed25519.Verifier.PublicKey.Span));
    }

    /// <summary>The public key to give to verifiers. Stays usable after this signer is disposed.</summary>
    public DocumentKey Key { get; }

    /// <summary>Generates a signer with a new ML-DSA-87 key.</summary>
    public static DocumentSigner Generate() => new(MlDsa87PrivateKey.Generate());

    /// <summary>Loads a signer from key files (docs/guides/crypto.md).</summary>
    /// <param name="mlDsa87">The path of the ML-DSA-87 private key.</param>
    /// <param name="ed25519">The path of the Ed25519 private key that signs too, or null.</param>
    /// <exception cref="EstreamInvalidKeyException">A file does not hold a key of the expected algorithm.</exception>
    /// <exception cref="Core.EstreamStorageException">A file cannot be read, or its permissions let others than its owner access
    /// it.</exception>
    public static DocumentSigner Load(string mlDsa87, string? ed25519 = null)
    {
        MlDsa87PrivateKey first = MlDsa87PrivateKey.Load(mlDsa87);
        try
        {
            return new DocumentSigner(first, ed25519 is null ? null : Ed25519PrivateKey.Load(ed25519));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>Disposes the keys, which overwrites them.</summary>
    public void Dispose()
    {
        _mlDsa87.Dispose();
        _ed25519?.Dispose();
    }

    /// <summary>Signs data that is not a document with the ML-DSA-87 key; the callback must pass a signature context that identifies the
    /// data.</summary>
    internal byte[] SignWith(Func<ISigner, byte[]> sign) => sign(_mlDsa87);

    /// <summary>Signs the pre-authentication encoding of an envelope.</summary>
    internal IEnumerable<DsseSignature> Sign(DocumentType type, byte[] encoded)
    {
        yield return new DsseSignature(Key.MlDsa87Id, Sign(_mlDsa87, encoded, type.Context));
        if (_ed25519 is not null)
        {
            // Ed25519 has no contexts: the payload type in the encoded bytes separates its signatures by document type.
            yield return new DsseSignature(Key.Ed25519Id!, Sign(_ed25519, encoded, []));
        }
    }

    private static byte[] Sign(ISigner signer, byte[] encoded, ReadOnlySpan<byte> context)
    {
        byte[] signature = new byte[signer.SignatureSize];
        signer.Sign(encoded, context, signature);
        return signature;
    }

    private static void Require(ISigner? signer, string algorithm, string parameter)
    {
        if (signer is not null && signer.Algorithm != algorithm)
        {
            throw new ArgumentException($"The key has the algorithm {signer.Algorithm}. Pass a key of {algorithm}.", parameter);
        }
    }
}
