using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>Reads untrusted content up to a limit that applies to the bytes received, not to an announced length.</summary>
internal static class BoundedContent
{
    private const int FirstBytes = 16 << 10;

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream, read from its current position.</param>
    /// <param name="maxBytes">The maximum number of bytes.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The content, or <see langword="null"/> if there are more bytes.</returns>
    public static async ValueTask<byte[]?> ReadAsync(Stream stream, int maxBytes, CancellationToken cancellation)
    {
        byte[] buffer = new byte[Math.Min(maxBytes, FirstBytes) + 1];
        int length = 0;
        while (true)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                return buffer[..length];
            }

            length += count;
            if (!TryMakeRoom(ref buffer, length, maxBytes))
            {
                return null;
            }
        }
    }

    /// <summary>Reads a file that others may be writing to.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="maxBytes">The maximum number of bytes.</param>
    /// <returns>The content, or <see langword="null"/> if there are more bytes.</returns>
    /// <exception cref="IOException">The file does not exist, or cannot be read.</exception>
    /// <exception cref="EstreamStorageException">The path is a pipe or a device.</exception>
    public static byte[]? ReadFile(string path, int maxBytes)
    {
        FileKinds.ThrowIfSpecial(path);
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

        // The reported file size is only a hint for the initial buffer.
        byte[] buffer = new byte[Math.Min(maxBytes, file.CanSeek ? file.Length : FirstBytes) + 1];
        int length = 0;
        for (int count; (count = file.Read(buffer, length, buffer.Length - length)) > 0;)
        {
            length += count;
            if (!TryMakeRoom(ref buffer, length, maxBytes))
            {
                return null;
            }
        }

        return buffer[..length];
    }

    private static bool TryMakeRoom(ref byte[] buffer, int length, int maxBytes)
    {
        if (length == buffer.Length && length <= maxBytes)
        {
            Array.Resize(ref buffer, (int)Math.Min(2L * length, (long)maxBytes + 1));
        }

        return length <= maxBytes;
    }
}
