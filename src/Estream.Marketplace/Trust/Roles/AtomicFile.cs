using Estream.Core;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Replaces a file whole: a kill or a power cut at any moment leaves the old one or the new one.</summary>
internal static class AtomicFile
{
    public static void Write(IStorage storage, string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        storage.Delete(temporary);
        using (MemoryRegion region = storage.CreateRegion(temporary, content.Length))
        {
            content.CopyTo(region.All.Span(0, content.Length));

            // A name must not be there after a power cut without what is under it.
            region.Flush(0, region.Length);
        }

        storage.Rename(temporary, path);
        storage.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
