using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>How long a file is, and how much space it has: less where parts were never written, more where the file system keeps notes of
/// its own.</summary>
internal static unsafe class FileSpace
{
    private const int BytesPerBlock = 512;

    /// <summary>Two zeros where the system does not say.</summary>
    public static (long Length, long Reserved) Of(SafeFileHandle file)
    {
        NativeMethods.FileStatus status = default;

        // SAFETY: the structure has the 256 bytes that the kernel fills; the path is empty, so that the open file itself is meant.
        int result = NativeMethods.Status(
            (int)file.DangerousGetHandle(), string.Empty, NativeMethods.StatusOfDescriptor, NativeMethods.StatusLengthAndBlocks, &status);
        return result == 0 ? (status.Length, status.Blocks * BytesPerBlock) : default;
    }
}
