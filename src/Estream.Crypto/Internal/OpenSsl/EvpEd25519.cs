using System.Security.Cryptography;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>Ed25519 by the EVP interface of libcrypto. Thread-safe: a key is only read, and each signature has a context of its
/// own.</summary>
internal static class EvpEd25519
{
    private const string HowToGetIt =
        "Install OpenSSL 3 (Debian: libssl3 or libssl3t64), or sign with ML-DSA-87, which needs nothing of the system.";

    /// <summary>Why it cannot be used in this process, or null.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Demands that it can be used.</summary>
    /// <exception cref="PlatformNotSupportedException">It cannot; the message says why.</exception>
    public static void Require()
    {
        if (Missing is not null)
        {
            throw new PlatformNotSupportedException($"{Ed25519.Name} is computed by the system's OpenSSL: {Missing}. {HowToGetIt}");
        }
    }

    /// <summary>The key of a seed.</summary>
    /// <param name="seed">32 secret bytes.</param>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto that has the algorithm.</exception>
    public static KeyHandle ImportSeed(ReadOnlySpan<byte> seed)
    {
        Require();
        return Checked(Import(seed, isPrivate: true), "take a seed");
    }

    /// <summary>Writes the seed of a private key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="seed">Becomes 32 bytes, which the caller clears.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static unsafe void ExportSeed(KeyHandle key, Span<byte> seed)
    {
        nuint length = (nuint)seed.Length;

        // SAFETY: pinned here for the call, which is told the length and writes no more.
        fixed (byte* to = seed)
        {
            Check(NativeMethods.ReadPrivateKey(key, to, &length) == NativeMethods.Done && length == (nuint)seed.Length, "give a seed");
        }
    }

    /// <summary>The public key of a private one.</summary>
    public static unsafe byte[] PublicKeyOf(KeyHandle key)
    {
        byte[] encoded = new byte[Ed25519.PublicKeyBytes];
        nuint length = Ed25519.PublicKeyBytes;

        // SAFETY: pinned here for the call, which is told the length and writes no more.
        fixed (byte* to = encoded)
        {
            Check(NativeMethods.ReadPublicKey(key, to, &length) == NativeMethods.Done && length == Ed25519.PublicKeyBytes,
                "give a public key");
        }

        return encoded;
    }

    /// <summary>Signs.</summary>
    /// <param name="key">A private key.</param>
    /// <param name="data">What is signed.</param>
    /// <param name="signature">64 bytes; may be memory of the data.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static unsafe void Sign(KeyHandle key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        using DigestContextHandle context = Checked(NativeMethods.NewDigestContext(), "begin a signature");
        Check(NativeMethods.BeginSigning(context, null, null, null, key) == NativeMethods.Done, "begin a signature");
        byte nothing = 0;
        nuint length = Ed25519.SignatureBytes;

        // OpenSSL writes the first half before it reads the data for the last time. Written over them, the second half would be of other
        // data, and with the right signature give the key away.
        Span<byte> made = stackalloc byte[Ed25519.SignatureBytes];

        // SAFETY: both spans are pinned here for the call, which is told their lengths and keeps neither. No data at all are the place of a
        // byte that is not read.
        fixed (byte* from = data, to = made)
        {
            int answer = NativeMethods.Sign(context, to, &length, from == null ? &nothing : from, (nuint)data.Length);
            Check(answer == NativeMethods.Done && length == Ed25519.SignatureBytes, "sign");
        }

        made.CopyTo(signature);
    }

    /// <summary>Verifies.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="data">What is said to be signed.</param>
    /// <param name="signature">64 bytes.</param>
    public static unsafe bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using KeyHandle key = Checked(Import(publicKey, isPrivate: false), "take a public key");
        using DigestContextHandle context = Checked(NativeMethods.NewDigestContext(), "begin a verification");
        Check(NativeMethods.BeginVerifying(context, null, null, null, key) == NativeMethods.Done, "begin a verification");
        byte nothing = 0;
        int answer;

        // SAFETY: both spans are pinned here for the call, which is told their lengths and keeps neither. No data at all are the place of a
        // byte that is not read.
        fixed (byte* from = data, at = signature)
        {
            answer = NativeMethods.Verify(context, at, (nuint)signature.Length, from == null ? &nothing : from, (nuint)data.Length);
        }

        if (answer != NativeMethods.Done)
        {
            // What is no signature is no error here, and is not to be another's later.
            NativeMethods.ClearErrors();
        }

        return answer == NativeMethods.Done;
    }

    private static unsafe KeyHandle Import(ReadOnlySpan<byte> key, bool isPrivate)
    {
        // SAFETY: pinned here for the call, which is told the length and copies what it needs.
        fixed (byte* from = key)
        {
            return isPrivate
                ? NativeMethods.NewPrivateKey(NativeMethods.KeyTypeEd25519, null, from, (nuint)key.Length)
                : NativeMethods.NewPublicKey(NativeMethods.KeyTypeEd25519, null, from, (nuint)key.Length);
        }
    }

    // A library that is set up for FIPS may have no such keys: it is asked for one.
    private static string? FindMissing()
    {
        try
        {
            nuint version = NativeMethods.Version();
            if (version < NativeMethods.OldestVersion)
            {
                return $"{NativeMethods.LibCrypto} says it is version {version:X}";
            }

            using KeyHandle key = Import(new byte[Ed25519.SeedBytes], isPrivate: true);
            if (!key.IsInvalid)
            {
                return null;
            }

            NativeMethods.ClearErrors();
            return $"{NativeMethods.LibCrypto} is there and refuses the algorithm";
        }
        catch (DllNotFoundException)
        {
            return $"{NativeMethods.LibCrypto} is not there";
        }
        catch (EntryPointNotFoundException)
        {
            return $"{NativeMethods.LibCrypto} is too old or another library";
        }
    }

    private static THandle Checked<THandle>(THandle handle, string what)
        where THandle : System.Runtime.InteropServices.SafeHandle
    {
        Check(!handle.IsInvalid, what);
        return handle;
    }

    // With keys and lengths that are right only a lack of memory comes here.
    private static void Check(bool isDone, string what)
    {
        if (!isDone)
        {
            NativeMethods.ClearErrors();
            throw new CryptographicException(
                $"OpenSSL could not {what} for {Ed25519.Name}. Look whether the process is short of memory, and which library it has "
                + $"loaded ({NativeMethods.LibCrypto}).");
        }
    }
}
