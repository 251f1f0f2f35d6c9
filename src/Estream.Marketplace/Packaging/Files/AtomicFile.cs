using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>Whole files on a storage: each is there with all its content or not at all, also after a power cut.</summary>
internal static class AtomicFile
{
    private const string TemporarySuffix = ".tmp";
    private const int RandomBytes = 8;

    /// <summary>Puts a file in the place of what is there, and has it on the device when it returns.</summary>
    /// <param name="storage">Where.</param>
    /// <param name="path">The file.</param>
    /// <param name="content">At least one byte.</param>
    /// <param name="isShared">Whether others may write it at the same time. Each has a temporary file of its own then, and a kill leaves
    /// one behind; otherwise the next who writes takes it away.</param>
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

    /// <summary>Reads a file whole.</summary>
    /// <param name="storage">Where.</param>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most it may have.</param>
    /// <returns>Its content, or <see langword="null"/> where there is no such file.</returns>
    /// <exception cref="EstreamCorruptionException">It has more bytes than it may have.</exception>
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
                $"The file '{path}' has {region.Length} bytes; it may have {maxBytes}. Restore it from a copy.", path);
    }

    private static string Random(IStorage storage)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        storage.FillRandom(random);
        return Convert.ToHexStringLower(random);
    }
}
