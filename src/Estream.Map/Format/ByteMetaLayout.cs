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

    /// <summary>CRC-32C of all bytes before it. Written once, when the map is created.</summary>
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

    /// <summary>
    /// Twice the number of entries whose hash an earlier entry has, plus 1 while that number changes or a batch is applied.
    /// </summary>
    public const int Collisions = 664;

    /// <summary>With stamps: the last version given.</summary>
    public const int LastVersion = 672;

    /// <summary>With stamps: 1 once an entry with an expiry was stored.</summary>
    public const int HasExpiring = 680;

    /// <summary>1: changes are published to a feed, and a writer without a feed must not write.</summary>
    public const int HasFeed = 688;

    /// <summary>
    /// Which published events may lack their change. 0: none. 1: any. Otherwise the reference of a block with the key, or of a list of
    /// such references.
    /// </summary>
    public const int FeedIntent = 696;

    /// <summary>A bit of the features: each value begins with a <see cref="Stamp"/>.</summary>
    public const int FeatureStamps = 1;

    /// <summary>A bit of the features: entries are encrypted with keys in map.keys, which has the secret of the hash too.</summary>
    public const int FeatureSealed = 2;

    public const int Bytes = MapFormat.PageBytes;
}
