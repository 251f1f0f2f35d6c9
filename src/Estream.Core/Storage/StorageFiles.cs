namespace Estream.Core;

/// <summary>Whole files on a storage.</summary>
public static class StorageFiles
{
    /// <summary>
    /// Writes a file in one durable step, replacing an existing one: after a crash or a power cut the name has the old contents, the new
    /// contents, or does not exist, never a part.
    /// </summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The file. Its directory exists. A file beside it with the suffix <c>.new</c> is replaced: a crash left it behind.</param>
    /// <param name="length">Bytes of the file, at least 1.</param>
    /// <param name="write">Writes the contents. Bytes that it does not write are zero.</param>
    /// <exception cref="EstreamStorageException">The storage refuses; an existing file is unchanged.</exception>
    /// <remarks>Two callers must not write the same file at once. Waits for the device twice: for the contents, then for the name.</remarks>
    public static void WriteDurably(this IStorage storage, string path, long length, Action<RegionSpan> write)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = path + ".new";
        storage.Delete(temporary);
        using (MemoryRegion region = storage.CreateRegion(temporary, length))
        {
            write(region.All);

            // Before the rename: after a power cut the name must not exist without its contents.
            region.Flush(0, region.Length);
        }

        storage.Rename(temporary, path);
        storage.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
