using System.Buffers;
using System.Security.Cryptography;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Reads what a source gives, and no more than there may be: one byte beyond the limit ends the reading, whatever else would come.</summary>
internal static class BoundedReading
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>A document's bytes: null where there is none; more than <paramref name="maxBytes"/>, by one, where there are too many.</summary>
    public static async ValueTask<byte[]?> ReadAsync(IRoleSource source, string file, int maxBytes, CancellationToken cancellation)
    {
        Stream? stream = await source.OpenAsync(file, cancellation).ConfigureAwait(false);
        if (stream is null)
        {
            return null;
        }

        await using (stream.ConfigureAwait(false))
        {
            using MemoryStream read = new();
            await CopyAsync(stream, read, maxBytes + 1L, hash: null, cancellation).ConfigureAwait(false);
            return read.ToArray();
        }
    }

    /// <summary>Copies a file, and says what came: as many bytes as it may have and one more at most, and their SHA-256.</summary>
    public static async ValueTask<(long Length, string Sha256)> CopyAsync(Stream source, Stream destination, long maxBytes, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = await CopyAsync(source, destination, maxBytes + 1, hash, cancellation).ConfigureAwait(false);
        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static async ValueTask<long> CopyAsync(Stream source, Stream destination, long atMost, IncrementalHash? hash, CancellationToken cancellation)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long length = 0;
            while (length < atMost)
            {
                int read = await source.ReadAsync(chunk.AsMemory(0, (int)Math.Min(ChunkBytes, atMost - length)), cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                hash?.AppendData(chunk, 0, read);
                await destination.WriteAsync(chunk.AsMemory(0, read), cancellation).ConfigureAwait(false);
                length += read;
            }

            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
