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

    /// <summary>With stamps: the last version that was given.</summary>
    public const int LastVersion = 672;

    /// <summary>With stamps: 1 since an entry was stored whose time ends.</summary>
    public const int HasExpiring = 680;

    /// <summary>1: changes are told to a feed, and nobody writes without one.</summary>
    public const int HasFeed = 688;

    /// <summary>Of what the feed may have been told what is not so: 0 nothing, 1 everything, else the reference of a block that has the
    /// key.</summary>
    public const int FeedIntent = 696;

    /// <summary>A bit of the features: each value begins with a <see cref="Stamp"/>.</summary>
    public const int FeatureStamps = 1;

    public const int Bytes = MapFormat.PageBytes;
}
