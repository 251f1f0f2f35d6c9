using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>Reads and writes whole files on a storage. After a crash or a power cut, a file has all of its old or new content, or does not
/// exist.</summary>
internal static class AtomicFile
{
    private const string TemporarySuffix = ".tmp";
    private const int RandomBytes = 8;

    /// <summary>Writes a file atomically, replacing an existing one. The file is durable when the method returns.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="content">The content, at least one byte.</param>
    /// <param name="isShared">Whether others may write the file at the same time. If true, each writer uses its own temporary file, which a
    /// crash leaves behind. If false, all writers use the same temporary file, and the next writer deletes a file that a crash left
    /// behind.</param>
    public static void Write(IStorage storage, string path, ReadOnlySpan<byte> content, bool isShared = false)
    {
        string directory = Path.GetDirectoryName(path) ?? "", temporary = path + (isShared ? $".{Random(storage)}" : "") + TemporarySuffix;
        storage.CreateDirectory(directory);
        storage.Delete(temporary);
        using (MemoryRegion region = storage.CreateRegion(temporary, content.Length))
        {
            region.All.Write(0, content);
            region.Flush(0, content.Length);
        }

        storage.Rename(temporary, path);
        storage.SyncDirectory(directory);
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="maxBytes">The maximum size of the file, in bytes.</param>
    /// <returns>The content, or <see langword="null"/> if the file does not exist.</returns>
    /// <exception cref="EstreamCorruptionException">The file is larger than <paramref name="maxBytes"/>.</exception>
    public static byte[]? Read(IStorage storage, string path, int maxBytes)
    {
        if (!storage.FileExists(path))
        {
            return null;
        }

        using MemoryRegion region = storage.OpenRegion(path, RegionAccess.ReadOnly);
        return region.Length <= maxBytes
            ? region.All.ReadOnlySpan(0, (int)region.Length).ToArray()
            : throw new EstreamCorruptionException(
                $"The file '{path}' has {region.Length} bytes; the limit is {maxBytes}. Restore it from a copy.", path);
    }

    private static string Random(IStorage storage)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        storage.FillRandom(random);
        return Convert.ToHexStringLower(random);
    }
}
