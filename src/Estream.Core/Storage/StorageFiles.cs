namespace Estream.Core;

/// <summary>Whole files on a storage.</summary>
public static class StorageFiles
{
    /// <summary>
    /// Writes a file in one durable step, replacing an existing one: after a crash or a power cut, the file has the old contents or the
    /// new contents, or does not exist. The file never has partial contents.
    /// </summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The file, in an existing directory. A file with the same name and the suffix <c>.new</c>, left behind by a
    /// crash, is replaced.</param>
    /// <param name="length">Bytes of the file, at least 1.</param>
    /// <param name="write">Writes the contents. Bytes that it does not write are zero.</param>
    /// <exception cref="EstreamStorageException">The storage refused a call. An existing file is unchanged.</exception>
    /// <remarks>Two callers must not write the same file at once. Waits for the device twice: for the contents and for the name.</remarks>
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
