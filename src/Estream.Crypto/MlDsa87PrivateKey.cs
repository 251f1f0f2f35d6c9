using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto;

/// <summary>A private key of ML-DSA-87 (FIPS 204): creates signatures that <see cref="MlDsa87PublicKey"/> verifies.</summary>
/// <remarks>
/// Thread-safe until disposed. Dispose it only when no call is in progress; disposing overwrites the secrets. Any number of threads can
/// sign at once without waiting for each other. Secrets are kept in memory that the garbage collector does not move. Neither branches nor
/// memory accesses depend on them, except for the number of attempts of the standard's rejection loop, which reveals nothing about the
/// secrets. Signing takes its memory from a pool and allocates only if no pooled workspace is free. Not audited;
/// <c>docs/guides/crypto.md</c> lists the checks that were made.
/// </remarks>
public sealed partial class MlDsa87PrivateKey : ISigner
{
    private readonly SigningKey _key;
    private readonly byte[] _expanded = Secret.Allocate<byte>(MlDsa87.PrivateKeyBytes);
    private readonly byte[] _seed = Secret.Allocate<byte>(MlDsa87.SeedBytes);
    private readonly bool _hasSeed;
    private bool _isDisposed;

    private MlDsa87PrivateKey(ReadOnlySpan<byte> bytes, bool isSeed)
    {
        VectorCode.Begin();
        _hasSeed = isSeed;
        if (isSeed)
        {
            bytes.CopyTo(_seed);
            _key = KeyExpansion.FromSeed(ParameterSet.MlDsa87, arithmetic: null, bytes, _expanded);
        }
        else
        {
            SigningKey? key = KeyExpansion.FromExpanded(ParameterSet.MlDsa87, arithmetic: null, bytes, _expanded);
            if (key is null)
            {
                KeyCheck.ThrowRange(MlDsa87.Name);
            }

            _key = key;
            if (!CryptographicOperations.FixedTimeEquals(bytes, _expanded))
            {
                Dispose();
                KeyCheck.ThrowDerived(MlDsa87.Name);
            }
        }

        PublicKey = new MlDsa87PublicKey(_key.Verification);
    }

    /// <summary>The public key that belongs to this private key. It stays usable after the private key is disposed.</summary>
    public MlDsa87PublicKey PublicKey { get; }

    /// <inheritdoc/>
    public string Algorithm => MlDsa87.Name;

    /// <inheritdoc/>
    public int SignatureSize => MlDsa87.SignatureBytes;

    /// <summary>Whether <see cref="ExportSeed"/> can return the seed. False for a key that was imported in its expanded form.</summary>
    public bool HasSeed => _hasSeed;

    /// <inheritdoc/>
    IVerifier ISigner.Verifier => PublicKey;

    /// <summary>Generates a new key with the system's random number generator.</summary>
    public static MlDsa87PrivateKey Generate()
    {
        Span<byte> seed = stackalloc byte[MlDsa87.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        var key = new MlDsa87PrivateKey(seed, isSeed: true);
        Secret.Clear(seed);
        return key;
    }

    /// <summary>Creates the key that belongs to a seed. Store the seed to store the key.</summary>
    /// <param name="seed">The standard's ξ: <see cref="MlDsa87.SeedBytes"/> unpredictable bytes. Copied; the caller clears its own
    /// copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The seed has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    public static MlDsa87PrivateKey ImportSeed(ReadOnlySpan<byte> seed)
    {
        KeyCheck.Length(seed, MlDsa87.SeedBytes, MlDsa87.Name, "seed");
        return new MlDsa87PrivateKey(seed, isSeed: true);
    }

    /// <summary>Reads a key in its expanded form, recomputes all values derived from its secrets, and rejects the key if they
    /// differ.</summary>
    /// <param name="expanded"><see cref="MlDsa87.PrivateKeyBytes"/> bytes. Copied; the caller clears its own copy.</param>
    /// <exception cref="EstreamInvalidKeyException">
    /// The key has the wrong length (<see cref="KeyFault.Length"/>), a secret coefficient is out of range (<see cref="KeyFault.Range"/>),
    /// or the hash or the lower part of t does not match the secrets (<see cref="KeyFault.Hash"/>).
    /// </exception>
    public static MlDsa87PrivateKey Import(ReadOnlySpan<byte> expanded)
    {
        KeyCheck.Length(expanded, MlDsa87.PrivateKeyBytes, MlDsa87.Name, "private key");
        return new MlDsa87PrivateKey(expanded, isSeed: false);
    }

    /// <summary>Writes the seed, from which <see cref="ImportSeed"/> recreates this key.</summary>
    /// <param name="destination">Receives the seed: exactly <see cref="MlDsa87.SeedBytes"/> bytes. The caller clears it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="InvalidOperationException">The key was imported in its expanded form (<see cref="HasSeed"/>).</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        KeyCheck.Argument(destination.Length, MlDsa87.SeedBytes, nameof(destination));
        if (!_hasSeed)
        {
            throw new InvalidOperationException(
                "The key has no seed, because it was imported in its expanded form. Use Export.");
        }

        _seed.CopyTo(destination);
    }

    /// <summary>Writes the key in its expanded form, for software that does not accept seeds.</summary>
    /// <param name="destination">Receives the key: exactly <see cref="MlDsa87.PrivateKeyBytes"/> bytes. The caller clears it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Export(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        KeyCheck.Argument(destination.Length, MlDsa87.PrivateKeyBytes, nameof(destination));
        _expanded.CopyTo(destination);
    }

    /// <inheritdoc/>
    /// <remarks>Hedged, as the standard recommends: two signatures of the same data differ, and a weak random number generator does not
    /// endanger the key.</remarks>
    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature)
    {
        Span<byte> random = stackalloc byte[MlDsa87.SeedBytes];
        RandomNumberGenerator.Fill(random);
        Sign(data, context, random, signature);
        Secret.Clear(random);
    }

    /// <summary>Signs deterministically: the same data and context always give the same signature.</summary>
    /// <param name="data">The data to sign.</param>
    /// <param name="context">The context of the signature, at most <see cref="MlDsa87.MaxContextBytes"/> bytes.</param>
    /// <param name="signature">Receives the signature: exactly <see cref="MlDsa87.SignatureBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long, or the signature span has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <remarks>An attacker who can cause computing faults in the processor learns the key from a second signature of the same data. Prefer
    /// <see cref="Sign(ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte})"/>.</remarks>
    public void SignDeterministic(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature)
    {
        Span<byte> none = stackalloc byte[MlDsa87.SeedBytes];
        none.Clear();
        Sign(data, context, none, signature);
    }

    /// <summary>Signs a message already hashed by <see cref="MlDsa87PublicKey.ComputeMu"/>, in this process or elsewhere; hedged.</summary>
    /// <param name="mu">The standard's μ: exactly <see cref="MlDsa87.MuBytes"/> bytes.</param>
    /// <param name="signature">Receives the signature: exactly <see cref="MlDsa87.SignatureBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void SignMu(ReadOnlySpan<byte> mu, Span<byte> signature)
    {
        Span<byte> random = stackalloc byte[MlDsa87.SeedBytes];
        RandomNumberGenerator.Fill(random);
        SignMu(mu, random, signature);
        Secret.Clear(random);
    }

    /// <summary>Overwrites the secrets. Idempotent.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _key.Clear();
        CryptographicOperations.ZeroMemory(_expanded);
        CryptographicOperations.ZeroMemory(_seed);
    }

    /// <summary>Signs with 32 given bytes in place of random bytes.</summary>
    internal void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> random, Span<byte> signature)
    {
        Span<byte> mu = stackalloc byte[MlDsa87.MuBytes];
        PublicKey.ComputeMu(data, context, mu);
        SignMu(mu, random, signature);
    }

    /// <summary>Signs a hashed message with 32 given bytes in place of random bytes.</summary>
    internal void SignMu(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> random, Span<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        KeyCheck.Argument(mu.Length, MlDsa87.MuBytes, nameof(mu));
        KeyCheck.Argument(signature.Length, MlDsa87.SignatureBytes, nameof(signature));
        _key.Sign(mu, random, signature);
    }
}
