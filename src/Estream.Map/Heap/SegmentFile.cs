using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Writes and checks the part of a segment file's header that never changes.</summary>
internal static class SegmentFile
{
    public static void WriteHeader(RegionSpan file, ulong identity)
    {
        file.WriteInt64(SegmentLayout.Magic, HeapFormat.SegmentMagic);
        file.WriteInt32(SegmentLayout.Version, HeapFormat.Version);
        file.WriteInt32(SegmentLayout.HeaderBytes, SegmentLayout.BlocksStart);
        file.WriteInt64(SegmentLayout.FileBytes, file.Length);
        file.WriteInt64(SegmentLayout.Identity, (long)identity);
        file.WriteInt32(SegmentLayout.Checksum, Checksum(file));
    }

    /// <summary>Opens a segment and checks the header.</summary>
    /// <returns>The segment, or <see langword="null"/> if the file does not exist or no longer has this number.</returns>
    /// <exception cref="EstreamKeyException">The data key of the segment is not available.</exception>
    public static HeapSegment? TryOpen(RegionSource source, long id, ulong identity, MapKeys? keys, RegionAccess access)
    {
        string path = source.Describe(HeapFormat.SegmentFile(id));
        MemoryRegion? region = null;
        try
        {
            region = source.Open(HeapFormat.SegmentFile(id), access);
            Validate(region.All, path, identity);

            // The key of a released segment may have been erased. The number of the segment is loaded after that check.
            uint generation = (uint)region.All.ReadInt32(SegmentLayout.KeyGeneration);
            bool isErased = keys is not null && keys.IsErased(generation);
            if (region.All.ReadInt64Acquire(SegmentLayout.Id) == id)
            {
                return new HeapSegment(new HeapMemory(region), path, id, CipherOf(generation, isErased, path, keys));
            }

            region.Dispose();
            return null;
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return null;
        }
        catch (EstreamKeyException) when (region is not null && region.All.ReadInt64Acquire(SegmentLayout.Id) != id)
        {
            // After the check of the number and before the search for the key, the segment was released and its key erased.
            region.Dispose();
            return null;
        }
        catch
        {
            region?.Dispose();
            throw;
        }
    }

    // The key of a segment never changes. The file stores the number of the key before the number of the segment.
    private static BlockCipher? CipherOf(uint generation, bool isErased, string path, MapKeys? keys)
    {
        if (isErased || keys is null != (generation == 0))
        {
            string state = isErased ? "which was erased" : $"and the map is {(keys is null ? "not encrypted" : "encrypted")}";
            throw HeapErrors.Damaged(path, SegmentLayout.KeyGeneration, $"it names key {generation}, {state}");
        }

        return keys?.Of(generation);
    }

    private static void Validate(RegionSpan file, string path, ulong identity)
    {
        if (file.Length < HeapFormat.MinSegmentBytes)
        {
            throw HeapErrors.Damaged(path, file.Length, $"it has {file.Length} bytes; the minimum is {HeapFormat.MinSegmentBytes}");
        }

        if (file.ReadInt64(SegmentLayout.Magic) != HeapFormat.SegmentMagic)
        {
            throw HeapErrors.Damaged(path, SegmentLayout.Magic, "it does not start with the magic number of a heap file");
        }

        if (file.ReadInt32(SegmentLayout.Version) is int version and not HeapFormat.Version)
        {
            throw HeapErrors.OtherVersion(path, version);
        }

        if (file.ReadInt32(SegmentLayout.Checksum) != Checksum(file))
        {
            throw HeapErrors.Damaged(path, SegmentLayout.Checksum, "the checksum of its header does not match");
        }

        bool isWhole = file.ReadInt64(SegmentLayout.FileBytes) == file.Length && file.ReadInt64(SegmentLayout.Identity) == (long)identity;
        if (!isWhole)
        {
            throw HeapErrors.Damaged(path, SegmentLayout.FileBytes, "it belongs to another map, or was truncated");
        }
    }

    private static int Checksum(RegionSpan file) => (int)Crc32C.Compute(file.ReadOnlySpan(0, SegmentLayout.Checksum));
}
