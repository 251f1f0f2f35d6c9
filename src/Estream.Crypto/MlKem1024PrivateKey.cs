using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlKem;

namespace Estream.Crypto;

/// <summary>A private key of ML-KEM-1024 (FIPS 203): recovers the shared secret from a ciphertext made by
/// <see cref="MlKem1024PublicKey.Encapsulate(Span{byte}, Span{byte})"/>.</summary>
/// <remarks>
/// Thread-safe until disposed. Dispose it only when no call is in progress; disposing overwrites the secrets. Secrets are kept in memory
/// that the garbage collector does not move. Neither time nor memory accesses depend on them. Not audited; <c>docs/guides/crypto.md</c>
/// lists the checks that were made.
/// </remarks>
public sealed class MlKem1024PrivateKey : IDisposable
{
    private const int PublicKeyAt = Parameters.VectorBytes;
    private const int HashAt = PublicKeyAt + MlKem1024.PublicKeyBytes;
    private const int RejectionAt = HashAt + Parameters.SymmetricBytes;

    private readonly short[] _s = Secret.Allocate<short>(Parameters.K * Parameters.N);
    private readonly byte[] _seed = Secret.Allocate<byte>(MlKem1024.SeedBytes);
    private readonly bool _hasSeed;
    private bool _isDisposed;

    // Creates the key from a seed (FIPS 203, algorithm 16).
    private MlKem1024PrivateKey(ReadOnlySpan<byte> seed)
    {
        seed.CopyTo(_seed);
        _hasSeed = true;
        var encoded = new byte[MlKem1024.PublicKeyBytes];
        var transposed = new short[Parameters.K * Parameters.K * Parameters.N];
        var t = new short[Parameters.K * Parameters.N];
        PublicKeyEncryption.Instance.GenerateKey(
            seed[..Parameters.SymmetricBytes], encoded.AsSpan(Parameters.VectorBytes), transposed, t, _s);
        Encoding.Encode12(t, encoded);
        PublicKey = new MlKem1024PublicKey(encoded, transposed, t);
    }

    // Creates the key from the parts of an expanded key. The caller decodes the first part, s, afterwards.
    private MlKem1024PrivateKey(MlKem1024PublicKey publicKey, ReadOnlySpan<byte> rejection)
    {
        PublicKey = publicKey;
        rejection.CopyTo(Rejection);
    }

    /// <summary>The public key that belongs to this private key. It stays usable after the private key is disposed.</summary>
    public MlKem1024PublicKey PublicKey { get; }

    /// <summary>Whether <see cref="ExportSeed"/> can return the seed. False for a key that was imported in its expanded form.</summary>
    public bool HasSeed => _hasSeed;

    // z, the second half of the seed: hashed in place of the message when a ciphertext is rejected (implicit rejection).
    private Span<byte> Rejection => _seed.AsSpan(Parameters.SymmetricBytes);

    /// <summary>Generates a new key with the system's random number generator.</summary>
    public static MlKem1024PrivateKey Generate()
    {
        Span<byte> seed = stackalloc byte[MlKem1024.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        var key = new MlKem1024PrivateKey(seed);
        Secret.Clear(seed);
        return key;
    }

    /// <summary>Creates the key that belongs to a seed. Store the seed to store the key.</summary>
    /// <param name="seed">The standard's d and z: <see cref="MlKem1024.SeedBytes"/> unpredictable bytes. Copied; the caller clears its own
    /// copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The seed has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    public static MlKem1024PrivateKey ImportSeed(ReadOnlySpan<byte> seed)
    {
        KeyCheck.Length(seed, MlKem1024.SeedBytes, MlKem1024.Name, "seed");
        return new MlKem1024PrivateKey(seed);
    }

    /// <summary>Reads a key in its expanded form and makes the checks of FIPS 203, section 7.3.</summary>
    /// <param name="expanded">The decapsulation key: <see cref="MlKem1024.PrivateKeyBytes"/> bytes. Copied; the caller clears its own
    /// copy.</param>
    /// <exception cref="EstreamInvalidKeyException">
    /// The key has the wrong length (<see cref="KeyFault.Length"/>), its hash does not match its public part (<see cref="KeyFault.Hash"/>),
    /// or its public or private part is not the encoding of a key (<see cref="KeyFault.Modulus"/>).
    /// </exception>
    /// <remarks>Does not check that the private part belongs to the public part: accept expanded keys only from their creator.</remarks>
    public static MlKem1024PrivateKey Import(ReadOnlySpan<byte> expanded)
    {
        KeyCheck.Length(expanded, MlKem1024.PrivateKeyBytes, MlKem1024.Name, "private key");
        MlKem1024PublicKey publicKey = MlKem1024PublicKey.Import(expanded[PublicKeyAt..HashAt]);
        if (!expanded[HashAt..RejectionAt].SequenceEqual(publicKey.Hash))
        {
            KeyCheck.ThrowHash();
        }

        var key = new MlKem1024PrivateKey(publicKey, expanded[RejectionAt..]);
        if (!Encoding.TryDecode12(expanded[..PublicKeyAt], key._s))
        {
            key.Dispose();
            KeyCheck.ThrowModulus("private key");
        }

        return key;
    }

    /// <summary>Reads a key from a PrivateKeyInfo of PKCS#8 (RFC 9935) in any of its three forms: the seed, the expanded key, or
    /// both.</summary>
    /// <param name="structure">The DER bytes. Copied; the caller clears its own copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not such a structure (<see cref="KeyFault.Encoding"/>), the key in it
    /// fails the checks of <see cref="Import"/>, or seed and expanded key do not match (<see cref="KeyFault.Hash"/>).</exception>
    public static MlKem1024PrivateKey ImportPkcs8(ReadOnlySpan<byte> structure)
    {
        if (structure.Length == KeyStructures.SeedBytes && structure.StartsWith(KeyStructures.SeedPrefix))
        {
            return ImportSeed(structure[KeyStructures.SeedPrefix.Length..]);
        }

        if (structure.Length == KeyStructures.ExpandedBytes && structure.StartsWith(KeyStructures.ExpandedPrefix))
        {
            return Import(structure[KeyStructures.ExpandedPrefix.Length..]);
        }

        ReadOnlySpan<byte> rest = structure.Length == KeyStructures.BothBytes
            ? structure[(KeyStructures.BothPrefix.Length + MlKem1024.SeedBytes)..]
            : default;
        if (!structure.StartsWith(KeyStructures.BothPrefix) || !rest.StartsWith(KeyStructures.BothMiddle))
        {
            KeyCheck.ThrowEncoding("ML-KEM-1024", "PrivateKeyInfo (RFC 9935)");
        }

        MlKem1024PrivateKey key = ImportSeed(structure.Slice(KeyStructures.BothPrefix.Length, MlKem1024.SeedBytes));
        byte[] expanded = Secret.Allocate<byte>(MlKem1024.PrivateKeyBytes);
        key.Export(expanded);
        bool same = CryptographicOperations.FixedTimeEquals(expanded, rest[KeyStructures.BothMiddle.Length..]);
        CryptographicOperations.ZeroMemory(expanded);
        if (!same)
        {
            key.Dispose();
            KeyCheck.ThrowHash();
        }

        return key;
    }

    /// <summary>Writes the seed as a PrivateKeyInfo of PKCS#8 (RFC 9935), which <see cref="ImportPkcs8"/> and OpenSSL 3.5 can
    /// read.</summary>
    /// <param name="destination">Receives the structure: exactly <see cref="MlKem1024.Pkcs8SeedBytes"/> bytes. The caller clears
    /// it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="InvalidOperationException">The key was imported in its expanded form (<see cref="HasSeed"/>).</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportPkcs8(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, KeyStructures.SeedBytes, nameof(destination));
        ExportSeed(destination[KeyStructures.SeedPrefix.Length..]);
        KeyStructures.SeedPrefix.CopyTo(destination);
    }

    /// <summary>Writes the seed, from which <see cref="ImportSeed"/> recreates this key.</summary>
    /// <param name="destination">Receives the seed: exactly <see cref="MlKem1024.SeedBytes"/> bytes. The caller clears it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="InvalidOperationException">The key was imported in its expanded form (<see cref="HasSeed"/>).</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        KeyCheck.Argument(destination.Length, MlKem1024.SeedBytes, nameof(destination));
        if (!_hasSeed)
        {
            throw new InvalidOperationException(
                "The key has no seed, because it was imported in its expanded form. Use Export.");
        }

        _seed.CopyTo(destination);
    }

    /// <summary>Writes the key in its expanded form, for software that does not accept seeds.</summary>
    /// <param name="destination">Receives the key: exactly <see cref="MlKem1024.PrivateKeyBytes"/> bytes. The caller clears it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Export(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        KeyCheck.Argument(destination.Length, MlKem1024.PrivateKeyBytes, nameof(destination));
        Encoding.Encode12(_s, destination);
        PublicKey.Encoded.CopyTo(destination[PublicKeyAt..]);
        PublicKey.Hash.CopyTo(destination[HashAt..]);
        Rejection.CopyTo(destination[RejectionAt..]);
    }

    /// <summary>Recovers the shared secret from a ciphertext (FIPS 203, algorithm 18). Allocates nothing.</summary>
    /// <param name="ciphertext">Exactly <see cref="MlKem1024.CiphertextBytes"/> bytes with any content.</param>
    /// <param name="sharedSecret">
    /// Receives the secret: exactly <see cref="MlKem1024.SharedSecretBytes"/> bytes. The caller clears it. A modified or forged ciphertext
    /// also yields a secret, but one that its sender does not know. The mismatch shows when data encrypted with the secret does not
    /// decrypt.
    /// </param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Decapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        KeyCheck.Argument(ciphertext.Length, MlKem1024.CiphertextBytes, nameof(ciphertext));
        KeyCheck.Argument(sharedSecret.Length, MlKem1024.SharedSecretBytes, nameof(sharedSecret));
        Span<byte> message = stackalloc byte[Parameters.SymmetricBytes];
        Span<byte> keys = stackalloc byte[2 * Parameters.SymmetricBytes];
        Span<byte> rejected = stackalloc byte[Parameters.SymmetricBytes];
        Span<byte> again = stackalloc byte[MlKem1024.CiphertextBytes];
        PublicKeyEncryption.Instance.Decrypt(_s, ciphertext, message);
        PublicKey.DeriveKeys(message, keys);
        PublicKey.Encrypt(message, keys[Parameters.SymmetricBytes..], again);

        KeccakSponge hash = KeccakSponge.Shake256();
        hash.Absorb(Rejection);
        hash.Absorb(ciphertext);
        hash.Squeeze(rejected);
        hash.Clear();
        ConstantTime.Select(ConstantTime.EqualMask(ciphertext, again), keys, rejected, sharedSecret);
        Secret.Clear(message);
        Secret.Clear(keys);
        Secret.Clear(rejected);
        Secret.Clear(again);
    }

    /// <summary>Overwrites the secrets. Idempotent.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Secret.Clear<short>(_s);
        CryptographicOperations.ZeroMemory(_seed);
    }
}
