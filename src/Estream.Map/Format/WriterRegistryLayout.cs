using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The header of writers.tab. The slots after it are those of <see cref="WriterSlots"/>.</summary>
internal static class WriterRegistryLayout
{
    public const string File = "writers.tab";
    public const string LockDirectory = "writers";

    /// <summary>"ESTRMWRT" in ASCII, read as a little-endian number.</summary>
    public const long MagicValue = 0x5452574D_52545345;

    public const int Magic = 0;
    public const int Version = 8;
    public const int HashSeed = 16;
    public const int Checksum = 24;

    public static void WriteHeader(RegionSpan file, ulong hashSeed)
    {
        file.WriteInt64(Magic, MagicValue);
        file.WriteInt32(Version, MapFormat.Version);
        file.WriteInt64(HashSeed, (long)hashSeed);
        file.WriteInt32(Checksum, (int)Crc32C.Compute(file.ReadOnlySpan(0, Checksum)));
    }

    public static void Validate(RegionSpan file, string path, ulong hashSeed)
    {
        bool isWhole = file.Length >= WriterSlots.FileBytes
            && file.ReadInt64(Magic) == MagicValue
            && file.ReadInt32(Checksum) == (int)Crc32C.Compute(file.ReadOnlySpan(0, Checksum));
        if (!isWhole || file.ReadInt64(HashSeed) != (long)hashSeed)
        {
            throw new EstreamCorruptionException(
                $"'{path}' is not the writer registry of this map. Close the map everywhere: the next writer recreates it.", path, 0);
        }
    }
}
