using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Rewrites the files of a closed byte map, and clears the record that the machine stopped or a flush failed. After a refused flush the
/// page cache has the contents, but the kernel considers the pages clean and does not write them again. Copies each file to a new file,
/// and renames the new file once the new file is durable.
/// </summary>
internal static class MapRewriter
{
    private const string TemporaryName = "rewrite.new";
    private const int Step = 1 << 20;

    /// <summary>Rewrites the files. The caller holds the lock of the writer.</summary>
    /// <exception cref="EstreamStorageException">A copy cannot be written, or the disk is full. The record remains.</exception>
    public static void Run(DirectorySource files)
    {
        foreach (string name in files.Storage.ListFiles(files.Directory, "").Where(IsOfEntries))
        {
            Rewrite(files, name);
        }

        // Both of these files have the record, so they are rewritten last.
        files.SyncNames();
        Rewrite(files, MapFormat.MetaFile, MetaLayout.HostCrashed, MetaLayout.RefusedTable);
        Rewrite(files, HeapFormat.MetaFile, ByteMetaLayout.HostCrashed);
        files.SyncNames();
    }

    private static bool IsOfEntries(string name) => MapFormat.IsTableFile(name) || HeapFormat.TryReadSegmentFile(name, out _);

    private static void Rewrite(DirectorySource files, string name, params ReadOnlySpan<int> clearedWords)
    {
        files.Delete(TemporaryName);
        using (MemoryRegion source = files.Storage.OpenRegion(files.Describe(name), RegionAccess.ReadOnly))
        using (MemoryRegion copy = files.Create(TemporaryName, source.Length))
        {
            for (long offset = 0; offset < source.Length; offset += Step)
            {
                int length = (int)Math.Min(Step, source.Length - offset);
                source.Load(offset, length);
                source.All.ReadOnlySpan(offset, length).CopyTo(copy.All.Span(offset, length));
            }

            foreach (int word in clearedWords)
            {
                copy.All.WriteInt64(word, 0);
            }

            copy.Flush(0, copy.Length);
        }

        files.Rename(TemporaryName, name);
    }
}
