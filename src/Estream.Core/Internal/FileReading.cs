using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>Reads a part of a file by pread, which reports two things that a mapping cannot: the end of the file and errors of the
/// device.</summary>
internal static class FileReading
{
    private const int Step = 64 << 10;

    /// <summary>Throws if a part of a mapped file is not readable, with the reason.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="isPageLost">Whether the memory of a page is defective, which a read does not show.</param>
    public static void RequireReadable(SafeFileHandle file, string path, long offset, long length, bool isPageLost)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Step);
        try
        {
            long end = offset + length;
            for (long at = offset; at < end;)
            {
                int read = Read(file, path, at, buffer.AsSpan(0, (int)Math.Min(Step, end - at)));
                if (read == 0)
                {
                    // The requested range may be wholly after the end of the file.
                    long size = Math.Min(at, RandomAccess.GetLength(file));
                    throw new EstreamCorruptionException(
                        $"'{path}' had at least {end} bytes, but ends at offset {size}. It was truncated; restore it from a copy.",
                        path, size);
                }

                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (isPageLost)
        {
            throw StorageErrors.NotRead(NativeMethods.ErrorHardwarePoison, path, offset);
        }
    }

    private static int Read(SafeFileHandle file, string path, long offset, Span<byte> destination)
    {
        try
        {
            return RandomAccess.Read(file, destination, offset);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.NotRead(failure, path, offset);
        }
    }
}
