namespace Estream.Map.Internal;

/// <summary>The byte offsets of bytes.meta.</summary>
internal static class ByteMetaLayout
{
    public const int Magic = 0;
    public const int Version = 8;
    public const int MetaBytes = 12;
    public const int Features = 16;
    public const int HashKind = 20;
    public const int HashKey = 24;
    public const int Identity = 40;
    public const int CreatedTime = 48;

    /// <summary>CRC-32C of everything before it: written once, when the map is made.</summary>
    public const int Checksum = 64;

    public const int NextSegment = 512;
    public const int OpenSegment = 520;

    public const int WriterState = 576;
    public const int BootId = 584;
    public const int BootIdBytes = 16;
    public const int HostCrashed = 600;
    public const int WriterEpoch = 608;

    public const int LiveBytes = 640;
    public const int HeapBytes = 648;
    public const int SegmentCount = 656;

    /// <summary>Twice the number of entries beyond the first of their hash, plus 1 while that changes.</summary>
    public const int Collisions = 664;

    public const int Bytes = MapFormat.PageBytes;
}
