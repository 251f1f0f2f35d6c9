using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Rewrites segments whose flush has failed. The page cache has their contents, but the kernel considers the pages clean and does not write
/// them again; the blocks on the disk may also be bad. Copies each segment to a new file, which takes the name once it is durable.
/// </summary>
internal static class SegmentRewriter
{
    private const string TemporaryName = "rewrite.new";
    private const int Step = 1 << 20;

    /// <summary>Rewrites a range of segments that end with an end-of-segment frame. Readers of the old files can continue.</summary>
    /// <exception cref="EstreamStorageException">The copy cannot be written either, or the disk is full.</exception>
    public static void Run(EstreamQueue queue, long first, long last)
    {
        IStorage storage = queue.Files.Storage;
        string temporary = Path.Combine(queue.Directory, TemporaryName);
        for (long index = first; index <= last; index++)
        {
            if (!queue.Files.Exists(index))
            {
                continue;
            }

            string path = queue.Files.SegmentPath(index);
            storage.Delete(temporary);
            using (MemoryRegion source = storage.OpenRegion(path, RegionAccess.ReadOnly))
            using (MemoryRegion copy = storage.CreateRegion(temporary, source.Length))
            {
                for (long offset = 0; offset < source.Length; offset += Step)
                {
                    int length = (int)Math.Min(Step, source.Length - offset);
                    source.Load(offset, length);
                    source.All.ReadOnlySpan(offset, length).CopyTo(copy.All.Span(offset, length));
                }

                copy.Flush(0, copy.Length);
            }

            storage.Rename(temporary, path);
        }
    }
}
