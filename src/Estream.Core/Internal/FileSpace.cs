using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>The length and the reserved space of a file. The space is less for a sparse file, and more if the file system stores metadata
/// in it.</summary>
internal static unsafe class FileSpace
{
    private const int BytesPerBlock = 512;

    /// <summary>Returns zeros if the system does not report them.</summary>
    public static (long Length, long Reserved) Of(SafeFileHandle file)
    {
        NativeMethods.FileStatus status = default;

        // SAFETY: the structure has the 256 bytes that the kernel fills; the empty path means the open file itself.
        int result = NativeMethods.Status(
            (int)file.DangerousGetHandle(), string.Empty, NativeMethods.StatusOfDescriptor, NativeMethods.StatusLengthAndBlocks, &status);
        return result == 0 ? (status.Length, status.Blocks * BytesPerBlock) : default;
    }
}
