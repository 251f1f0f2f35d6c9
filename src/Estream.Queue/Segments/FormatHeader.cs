using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The common start of all files of a queue: magic, version, and a checksum over the fields from offset 16 on.</summary>
internal static class FormatHeader
{
    private const int CheckedOffset = 16;
    private const int MinimalBytes = 4096;

    /// <summary>Completes a header whose checksummed part is written. Stores the magic last, with release ordering.</summary>
    public static void Seal(RegionSpan file, long magic, int version, int checkedBytes)
    {
        file.WriteInt32(8, version);
        file.WriteInt32(12, (int)CheckOf(file, checkedBytes));
        file.WriteInt64Release(0, magic);
    }

    /// <summary>The checksum of the header fields.</summary>
    public static uint CheckOf(RegionSpan file, int checkedBytes) => Crc32C.Compute(file.ReadOnlySpan(CheckedOffset, checkedBytes));

    /// <returns>The version of the file, from 1 to <paramref name="newest"/>.</returns>
    /// <exception cref="EstreamFormatException">The file has a newer version.</exception>
    /// <exception cref="EstreamCorruptionException">The header is damaged, or the file has another type.</exception>
    public static int Check(RegionSpan file, string path, long magic, int newest, int checkedBytes)
    {
        if (file.Length < CheckedOffset + checkedBytes || file.ReadInt64Acquire(0) != magic)
        {
            // The file has the name of a queue file, so damage is more likely than a file of another program.
            throw new EstreamCorruptionException(
                $"'{path}' is damaged, or is not a file of an Estream queue (its first eight bytes are wrong). Restore the file from a "
                + "copy, or check the path.", path, 0);
        }

        int found = file.ReadInt32(8);
        if (found < 1 || found > newest)
        {
            throw new EstreamFormatException(
                $"'{path}' has queue format version {found}; this library reads versions up to {newest}. Open it with the release of "
                + "Estream that wrote it, or a newer one.", path);
        }

        if (file.Length < MinimalBytes)
        {
            throw new EstreamCorruptionException($"'{path}' has only {file.Length} bytes. It was truncated; restore it from a copy.", path,
                file.Length);
        }

        if ((uint)file.ReadInt32(12) != CheckOf(file, checkedBytes))
        {
            throw new EstreamCorruptionException($"The header of '{path}' does not match its checksum. Restore the file from a copy.", path,
                12);
        }

        return found;
    }
}
