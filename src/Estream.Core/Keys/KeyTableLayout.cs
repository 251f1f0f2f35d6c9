namespace Estream.Core.Keys;

/// <summary>The layout of queue.keys and map.keys; see docs/formats/queue.md.</summary>
internal static class KeyTableLayout
{
    public const long Magic = 0x31_59_45_4B_52_54_53_45; // "ESTRKEY1"
    public const int Version = 1;
    public const int VersionOffset = 8;
    public const int ChecksumOffset = 12;
    public const int OwnerIdOffset = 16;
    public const int FirstSegmentOffset = 24;
    public const int CountOffset = 32;
    public const int CurrentOffset = 36;
    public const int CheckedOffset = 16;
    public const int EntriesOffset = 64;

    // Offsets in an entry. The part before the wrapped key is authenticated, with the id of the owner and the first segment.
    public const int EntryBytes = 128;
    public const int GenerationOffset = 0;
    public const int CreatedAtOffset = 8;
    public const int MasterKeyIdOffset = 16;
    public const int NonceOffset = 48;
    public const int NonceBytes = 12;
    public const int WrappedOffset = 64;
    public const int WrappedBytes = 32;
    public const int TagOffset = 96;
    public const int TagBytes = 16;

    /// <summary>The maximum number of generations: many years with one new key a day.</summary>
    public const int MaxGenerations = 4096;

    public const int PageBytes = 4096;
    public const string LockFile = "keys.lock";

    public static long FileBytes(int generations) =>
        (EntriesOffset + ((long)generations * EntryBytes) + PageBytes - 1) / PageBytes * PageBytes;
}
