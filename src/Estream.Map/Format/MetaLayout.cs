namespace Estream.Map.Internal;

/// <summary>The byte offsets of map.meta. Words that change live on cache lines of their own, apart from those that readers look
/// at.</summary>
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

    /// <summary>CRC-32C of everything before it: written when the map is made, and once more with <see cref="FeatureBatches"/>.</summary>
    public const int Checksum = 256;

    /// <summary>Compared by every get; written when the map begins and ends to move into another table. See
    /// <see cref="MapState"/>.</summary>
    public const int State = 512;

    /// <summary>Versions of entries are higher than this. Raised when entries, and the last versions with them, may have been
    /// lost.</summary>
    public const int VersionFloor = 520;

    /// <summary>1 since an entry was stored whose time ends.</summary>
    public const int HasExpiring = 528;

    /// <summary>1: changes are told to a feed, and nobody writes without one.</summary>
    public const int HasFeed = 536;

    public const int WriterProcessId = 576;
    public const int WriterStartTime = 584;
    public const int WriterEpoch = 592;
    public const int WriterState = 600;
    public const int BootId = 608;
    public const int BootIdBytes = 16;
    public const int HostCrashed = 624;

    /// <summary>How often the lock of a dead writer was taken over.</summary>
    public const int Takeovers = 632;

    public const int UserWords = 640;
    public const int UserWordCount = 8;

    /// <summary>How many runs of buckets were looked through for entries whose time is over.</summary>
    public const int SweptRuns = 704;

    /// <summary>The last table of which the device refused a flush: no later flush of it says what is there.</summary>
    public const int RefusedTable = 720;

    /// <summary>How many logs of batches were announced: by it who reads several keys finds all logs.</summary>
    public const int LogsMade = 768;

    /// <summary>The number of the table that a snapshot has left behind and that is lent to readers; 0: none.</summary>
    public const int LeasedTable = 776;

    public const int Bytes = MapFormat.PageBytes;

    /// <summary>A bit of the features: every value has a version and a time at which it ends before it.</summary>
    public const int FeatureStamps = 1;

    /// <summary>A bit of the features: what a dead writer had begun may stand in a log of a batch. The one bit that is set later than the
    /// map is made.</summary>
    public const int FeatureBatches = 2;

    public const int HashKindTwoMultiplications = 1;
    public const long StateClosed = 0;
    public const long StateOpen = 1;
}
