using Estream.Crypto;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>Signs documents: with an ML-DSA-87 key, and where there is one with an Ed25519 key beside it. Thread-safe as its keys are,
/// which it owns.</summary>
public sealed class DocumentSigner : IDisposable
{
    private readonly ISigner _mlDsa87;
    private readonly ISigner? _ed25519;

    /// <summary>Takes keys over: they are disposed with this.</summary>
    /// <param name="mlDsa87">The ML-DSA-87 key.</param>
    /// <param name="ed25519">The Ed25519 key that signs too, or null.</param>
    /// <exception cref="ArgumentException">A key is of another algorithm.</exception>
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

    /// <summary>The key that others are given. Stays usable when this is disposed.</summary>
    public DocumentKey Key { get; }

    /// <summary>Makes a new ML-DSA-87 key.</summary>
    public static DocumentSigner Generate() => new(MlDsa87PrivateKey.Generate());

    /// <summary>Reads key files (docs/guides/crypto.md).</summary>
    /// <param name="mlDsa87">The path of the ML-DSA-87 key.</param>
    /// <param name="ed25519">The path of the Ed25519 key that signs too, or null.</param>
    /// <exception cref="EstreamInvalidKeyException">A file holds no such key.</exception>
    /// <exception cref="Core.EstreamStorageException">A file cannot be read, or others than its owner may use it.</exception>
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

    /// <summary>Overwrites the keys.</summary>
    public void Dispose()
    {
        _mlDsa87.Dispose();
        _ed25519?.Dispose();
    }

    /// <summary>Has the ML-DSA-87 key sign something that is no document, and says by its context what it is.</summary>
    internal byte[] SignWith(Func<ISigner, byte[]> sign) => sign(_mlDsa87);

    /// <summary>Signs what an envelope says is signed.</summary>
    internal IEnumerable<DsseSignature> Sign(DocumentType type, byte[] encoded)
    {
        yield return new DsseSignature(Key.MlDsa87Id, Sign(_mlDsa87, encoded, type.Context));
        if (_ed25519 is not null)
        {
            // Ed25519 has no contexts: the payload type in the encoded bytes is what keeps its signatures apart.
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
            throw new ArgumentException($"The key is one of {signer.Algorithm}; documents are signed here with {algorithm}.", parameter);
        }
    }
}
