using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>Reads what somebody else sends, up to a limit that counts the bytes that came and not those that were announced.</summary>
internal static class BoundedContent
{
    private const int FirstBytes = 16 << 10;

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">Its rest is read.</param>
    /// <param name="maxBytes">The most there may be.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The content, or <see langword="null"/> where there is more.</returns>
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

    /// <summary>Reads a file that somebody else may be writing to.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most it may have.</param>
    /// <returns>The content, or <see langword="null"/> where there is more.</returns>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="EstreamStorageException">It is a pipe or a device.</exception>
    public static byte[]? ReadFile(string path, int maxBytes)
    {
        FileKinds.ThrowIfSpecial(path);
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

        // What the file says it has is room to begin with, and no more.
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
