using System.Security.Cryptography;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>Computes Ed25519 through the EVP interface of libcrypto. Thread-safe: keys are only read, and each signature has its own
/// context.</summary>
internal static class EvpEd25519
{
    private const string HowToGetIt =
        "Install OpenSSL 3 (Debian: libssl3 or libssl3t64), or sign with ML-DSA-87, which does not depend on the system.";

    /// <summary>The reason why this process cannot use Ed25519; null if it can.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Throws if this process cannot use Ed25519.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no usable libcrypto; the message states the reason.</exception>
    public static void Require()
    {
        if (Missing is not null)
        {
            throw new PlatformNotSupportedException($"{Ed25519.Name} needs the system's OpenSSL: {Missing}. {HowToGetIt}");
        }
    }

    /// <summary>Creates the private key that belongs to a seed.</summary>
    /// <param name="seed">32 secret bytes.</param>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto that supports the algorithm.</exception>
    public static KeyHandle ImportSeed(ReadOnlySpan<byte> seed)
    {
        Require();
        return Checked(Import(seed, isPrivate: true), "import a seed");
    }

    /// <summary>Writes the seed of a private key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="seed">Receives the 32 bytes. The caller clears them.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static unsafe void ExportSeed(KeyHandle key, Span<byte> seed)
    {
        nuint length = (nuint)seed.Length;

        // SAFETY: the span is pinned for the call, which receives its length and writes no more.
        fixed (byte* to = seed)
        {
            Check(NativeMethods.ReadPrivateKey(key, to, &length) == NativeMethods.Done && length == (nuint)seed.Length, "export a seed");
        }
    }

    /// <summary>Returns the public key of a private key.</summary>
    public static unsafe byte[] PublicKeyOf(KeyHandle key)
    {
        byte[] encoded = new byte[Ed25519.PublicKeyBytes];
        nuint length = Ed25519.PublicKeyBytes;

        // SAFETY: the array is pinned for the call, which receives its length and writes no more.
        fixed (byte* to = encoded)
        {
            Check(NativeMethods.ReadPublicKey(key, to, &length) == NativeMethods.Done && length == Ed25519.PublicKeyBytes,
                "export a public key");
        }

        return encoded;
    }

    /// <summary>Signs data.</summary>
    /// <param name="key">A private key.</param>
    /// <param name="data">The data to sign.</param>
    /// <param name="signature">Receives the 64 bytes; may overlap the data.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static unsafe void Sign(KeyHandle key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        using DigestContextHandle context = Checked(NativeMethods.NewDigestContext(), "start a signature");
        Check(NativeMethods.BeginSigning(context, null, null, null, key) == NativeMethods.Done, "start a signature");
        byte nothing = 0;
        nuint length = Ed25519.SignatureBytes;

        // If the signature overlaps the data, OpenSSL would write the signature's first half over the data before it reads the data for the
        // last time. The signature's second half would then belong to other data; together with a correct signature it would reveal the
        // key. So sign into a separate buffer.
        Span<byte> made = stackalloc byte[Ed25519.SignatureBytes];

        // SAFETY: both spans are pinned for the call, which receives their lengths and keeps neither. Empty data have no address; a pointer
        // to a byte that is not read takes its place.
        fixed (byte* from = data, to = made)
        {
            int answer = NativeMethods.Sign(context, to, &length, from == null ? &nothing : from, (nuint)data.Length);
            Check(answer == NativeMethods.Done && length == Ed25519.SignatureBytes, "sign");
        }

        made.CopyTo(signature);
    }

    /// <summary>Verifies a signature.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="data">The data the signature is claimed to cover.</param>
    /// <param name="signature">64 bytes.</param>
    public static unsafe bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using KeyHandle key = Checked(Import(publicKey, isPrivate: false), "import a public key");
        using DigestContextHandle context = Checked(NativeMethods.NewDigestContext(), "start a verification");
        Check(NativeMethods.BeginVerifying(context, null, null, null, key) == NativeMethods.Done, "start a verification");
        byte nothing = 0;
        int answer;

        // SAFETY: both spans are pinned for the call, which receives their lengths and keeps neither. Empty data have no address; a pointer
        // to a byte that is not read takes its place.
        fixed (byte* from = data, at = signature)
        {
            answer = NativeMethods.Verify(context, at, (nuint)signature.Length, from == null ? &nothing : from, (nuint)data.Length);
        }

        if (answer != NativeMethods.Done)
        {
            // An invalid signature is not an error here. Clear the error queue so that a later call does not report it.
            NativeMethods.ClearErrors();
        }

        return answer == NativeMethods.Done;
    }

    private static unsafe KeyHandle Import(ReadOnlySpan<byte> key, bool isPrivate)
    {
        // SAFETY: the span is pinned for the call, which receives its length and copies the bytes that it needs.
        fixed (byte* from = key)
        {
            return isPrivate
                ? NativeMethods.NewPrivateKey(NativeMethods.KeyTypeEd25519, null, from, (nuint)key.Length)
                : NativeMethods.NewPublicKey(NativeMethods.KeyTypeEd25519, null, from, (nuint)key.Length);
        }
    }

    // A libcrypto that is configured for FIPS may not support Ed25519 keys, so this imports a test key.
    private static string? FindMissing()
    {
        try
        {
            nuint version = NativeMethods.Version();
            if (version < NativeMethods.OldestVersion)
            {
                return $"{NativeMethods.LibCrypto} reports version {version:X}, which is older than 3.0";
            }

            using KeyHandle key = Import(new byte[Ed25519.SeedBytes], isPrivate: true);
            if (!key.IsInvalid)
            {
                return null;
            }

            NativeMethods.ClearErrors();
            return $"{NativeMethods.LibCrypto} does not support the algorithm";
        }
        catch (DllNotFoundException)
        {
            return $"{NativeMethods.LibCrypto} was not found";
        }
        catch (EntryPointNotFoundException)
        {
            return $"{NativeMethods.LibCrypto} is too old or a different library";
        }
    }

    private static THandle Checked<THandle>(THandle handle, string what)
        where THandle : System.Runtime.InteropServices.SafeHandle
    {
        Check(!handle.IsInvalid, what);
        return handle;
    }

    // With valid keys and lengths, only a lack of memory can cause a failure.
    private static void Check(bool isDone, string what)
    {
        if (!isDone)
        {
            NativeMethods.ClearErrors();
            throw new CryptographicException(
                $"OpenSSL could not {what} for {Ed25519.Name}. Check that the process has enough memory, and which library it has "
                + $"loaded ({NativeMethods.LibCrypto}).");
        }
    }
}
