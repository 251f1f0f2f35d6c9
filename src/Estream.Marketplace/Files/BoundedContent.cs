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
        // What a file says it has is room to begin with, and no more.
        byte[] buffer = new byte[Math.Min(maxBytes, stream.CanSeek ? stream.Length : FirstBytes) + 1];
        int length = 0;
        while (true)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                return buffer[..length];
            }

            length += count;
            if (length > maxBytes)
            {
                return null;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * length, (long)maxBytes + 1));
            }
        }
    }
}
