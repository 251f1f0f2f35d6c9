using System.Runtime.InteropServices;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>Calls SHA256_Transform of libcrypto, which hashes one block. Thread-safe.</summary>
internal static unsafe class Sha256Transform
{
    private static readonly delegate* unmanaged[SuppressGCTransition]<uint*, byte*, void> s_transform = Find();

    /// <summary>Whether the system has the function. OpenSSL calls it deprecated, so a build can lack it.</summary>
    public static bool IsPresent => s_transform != null;

    /// <summary>Hashes a block.</summary>
    /// <param name="state">The structure SHA256_CTX: 28 words, of which the first eight are the state.</param>
    /// <param name="block">64 bytes.</param>
    public static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        // SAFETY: both spans are pinned for the call, which takes less than 1 µs and keeps neither. The caller guarantees their lengths.
        fixed (uint* words = state)
        fixed (byte* bytes = block)
        {
            s_transform(words, bytes);
        }
    }

    private static delegate* unmanaged[SuppressGCTransition]<uint*, byte*, void> Find()
    {
        // SAFETY: the function has had this signature since OpenSSL 0.9.8.
        return NativeLibrary.TryLoad(NativeMethods.LibCrypto, typeof(Sha256Transform).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "SHA256_Transform", out nint function)
            ? (delegate* unmanaged[SuppressGCTransition]<uint*, byte*, void>)function : null;
    }
}
