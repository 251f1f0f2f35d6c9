namespace Estream.Map.Internal;

/// <summary>
/// The byte offsets of map.meta. Words that writers change often are on other cache lines than the words that readers load.
/// </summary>
internal static class MetaLayout
{
    public const int Magic = 0;
    public const int Version = 8;
    public const int MetaBytes = 12;
    public const int KeyBytes = 16;
    public const int ValueBytes = 20;
    public const int KeyShape = 24;
    public const int ValueShape = 32;
    public const int HashSeed = 40;
    public const int HashKind = 48;
    public const int Features = 52;
    public const int CreatedTime = 56;
    public const int KeyName = 64;
    public const int ValueName = 160;
    public const int NameBytes = 96;

    /// <summary>CRC-32C of all bytes before it. Written when the map is created, and again with <see cref="FeatureBatches"/>.</summary>
    public const int Checksum = 256;

    /// <summary>Compared by every get. Written when a migration to another table begins and ends. See <see cref="MapState"/>.</summary>
    public const int State = 512;

    /// <summary>
    /// Versions of entries are higher than this. Raised when entries, and the last versions with them, may have been lost.
    /// </summary>
    public const int VersionFloor = 520;

    /// <summary>1 once an entry with an expiry was stored.</summary>
    public const int HasExpiring = 528;

    /// <summary>1: changes are published to a feed, and a writer without a feed must not write.</summary>
    public const int HasFeed = 536;

    public const int WriterProcessId = 576;
    public const int WriterStartTime = 584;
    public const int WriterEpoch = 592;
    public const int WriterState = 600;
    public const int BootId = 608;
    public const int BootIdBytes = 16;
    public const int HostCrashed = 624;

    /// <summary>The number of times that a writer took over the locks of a dead writer.</summary>
    public const int Takeovers = 632;

    public const int UserWords = 640;
    public const int UserWordCount = 8;

    /// <summary>The number of bucket runs searched for expired entries.</summary>
    public const int SweptRuns = 704;

    /// <summary>The last table of which the device refused a flush. A later flush of that table proves nothing about its content.</summary>
    public const int RefusedTable = 720;

    /// <summary>The number of announced batch logs. Readers of several keys use it to find all logs.</summary>
    public const int LogsMade = 768;

    /// <summary>The number of the old table that a snapshot leases to readers; 0: none.</summary>
    public const int LeasedTable = 776;

    public const int Bytes = MapFormat.PageBytes;

    /// <summary>A bit of the features: every value is preceded by a version and an expiry.</summary>
    public const int FeatureStamps = 1;

    /// <summary>
    /// A bit of the features: a batch log may have an incomplete batch of a dead writer. The only bit that is set after the map was
    /// created.
    /// </summary>
    public const int FeatureBatches = 2;

    public const int HashKindTwoMultiplications = 1;
    public const long StateClosed = 0;
    public const long StateOpen = 1;
}
