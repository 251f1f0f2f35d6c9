using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlKem;

namespace Estream.Crypto;

/// <summary>
/// A public key of ML-KEM-1024 (FIPS 203): agrees on a 32-byte secret with the owner of the private key by a single ciphertext. Only the
/// owner of the private key can decrypt the ciphertext; not even an attacker with a quantum computer can.
/// </summary>
/// <remarks>
/// Immutable and thread-safe. Holds the values derived from the key alone (the expanded matrix, the hash; about 12 KiB), so
/// <see cref="Encapsulate(Span{byte}, Span{byte})"/> does not compute these values again, and allocates nothing. To use a key more than
/// once, keep this object rather than the encoded bytes. Not audited; <c>docs/guides/crypto.md</c> lists the checks that were made.
/// </remarks>
public sealed class MlKem1024PublicKey
{
    private readonly byte[] _encoded;
    private readonly byte[] _hash = new byte[Parameters.SymmetricBytes];
    private readonly short[] _transposed;
    private readonly short[] _t;

    /// <summary>Creates the key from its parts. Takes ownership of the arrays.</summary>
    internal MlKem1024PublicKey(byte[] encoded, short[] transposed, short[] t)
    {
        _encoded = encoded;
        _transposed = transposed;
        _t = t;
        KeccakSponge hash = KeccakSponge.Sha3_256();
        hash.Absorb(encoded);
        hash.Squeeze(_hash);
    }

    /// <summary>SHA3-256 of the encoded key.</summary>
    internal ReadOnlySpan<byte> Hash => _hash;

    /// <summary>The encoded key.</summary>
    internal ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>Reads a key and makes the checks of FIPS 203, section 7.2.</summary>
    /// <param name="encoded">The encapsulation key: <see cref="MlKem1024.PublicKeyBytes"/> bytes from any source. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">The key has the wrong length (<see cref="KeyFault.Length"/>), or is not the encoding of
    /// a key (<see cref="KeyFault.Modulus"/>).</exception>
    /// <remarks>Takes about ten microseconds, because it expands the matrix.</remarks>
    public static MlKem1024PublicKey Import(ReadOnlySpan<byte> encoded)
    {
        KeyCheck.Length(encoded, MlKem1024.PublicKeyBytes, MlKem1024.Name, "public key");
        var t = new short[Parameters.K * Parameters.N];
        if (!Encoding.TryDecode12(encoded[..Parameters.VectorBytes], t))
        {
            KeyCheck.ThrowModulus("public key");
        }

        var transposed = new short[Parameters.K * Parameters.K * Parameters.N];
        MatrixSampling.Expand(encoded[Parameters.VectorBytes..], transposed);
        return new MlKem1024PublicKey(encoded.ToArray(), transposed, t);
    }

    /// <summary>Reads a key from a SubjectPublicKeyInfo (RFC 9935) and makes the checks of FIPS 203, section 7.2.</summary>
    /// <param name="structure">The DER bytes, from any source. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not such a structure (<see cref="KeyFault.Encoding"/>), or do not contain
    /// the encoding of a key (<see cref="KeyFault.Modulus"/>).</exception>
    public static MlKem1024PublicKey ImportSubjectPublicKeyInfo(ReadOnlySpan<byte> structure)
    {
        if (structure.Length != KeyStructures.PublicBytes || !structure.StartsWith(KeyStructures.PublicPrefix))
        {
            KeyCheck.ThrowEncoding("ML-KEM-1024", "SubjectPublicKeyInfo (RFC 9935)");
        }

        return Import(structure[KeyStructures.PublicPrefix.Length..]);
    }

    /// <summary>Writes the key as a SubjectPublicKeyInfo (RFC 9935).</summary>
    /// <param name="destination">Receives the structure: exactly <see cref="MlKem1024.SubjectPublicKeyInfoBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    public void ExportSubjectPublicKeyInfo(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, KeyStructures.PublicBytes, nameof(destination));
        KeyStructures.PublicPrefix.CopyTo(destination);
        _encoded.CopyTo(destination[KeyStructures.PublicPrefix.Length..]);
    }

    /// <summary>Writes the encoded key.</summary>
    /// <param name="destination">Receives the key: exactly <see cref="MlKem1024.PublicKeyBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    public void Export(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, MlKem1024.PublicKeyBytes, nameof(destination));
        _encoded.CopyTo(destination);
    }

    /// <summary>Creates a new shared secret and the ciphertext that conveys it to the owner of the private key.</summary>
    /// <param name="ciphertext">Receives the ciphertext: exactly <see cref="MlKem1024.CiphertextBytes"/> bytes.</param>
    /// <param name="sharedSecret">Receives the secret: exactly <see cref="MlKem1024.SharedSecretBytes"/> uniformly distributed bytes,
    /// usable directly as a key. The caller clears it.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void Encapsulate(Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        KeyCheck.Argument(ciphertext.Length, MlKem1024.CiphertextBytes, nameof(ciphertext));
        KeyCheck.Argument(sharedSecret.Length, MlKem1024.SharedSecretBytes, nameof(sharedSecret));
        Span<byte> message = stackalloc byte[Parameters.SymmetricBytes];
        RandomNumberGenerator.Fill(message);
        Encapsulate(message, ciphertext, sharedSecret);
        Secret.Clear(message);
    }

    /// <summary>Encapsulates deterministically (FIPS 203, algorithm 17).</summary>
    /// <param name="message">The 32 bytes that are random in <see cref="Encapsulate(Span{byte}, Span{byte})"/>.</param>
    /// <param name="ciphertext">1,568 bytes.</param>
    /// <param name="sharedSecret">32 bytes.</param>
    internal void Encapsulate(ReadOnlySpan<byte> message, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        Span<byte> keys = stackalloc byte[2 * Parameters.SymmetricBytes];
        DeriveKeys(message, keys);
        Encrypt(message, keys[Parameters.SymmetricBytes..], ciphertext);
        keys[..Parameters.SymmetricBytes].CopyTo(sharedSecret);
        Secret.Clear(keys);
    }

    /// <summary>Derives the shared secret, followed by the encryption randomness, from a message.</summary>
    internal void DeriveKeys(ReadOnlySpan<byte> message, Span<byte> keys)
    {
        KeccakSponge hash = KeccakSponge.Sha3_512();
        hash.Absorb(message);
        hash.Absorb(_hash);
        hash.Squeeze(keys);
        hash.Clear();
    }

    /// <summary>Encrypts a message with the randomness derived from it.</summary>
    internal void Encrypt(ReadOnlySpan<byte> message, ReadOnlySpan<byte> randomness, Span<byte> ciphertext) =>
        PublicKeyEncryption.Instance.Encrypt(_transposed, _t, message, randomness, ciphertext);
}
