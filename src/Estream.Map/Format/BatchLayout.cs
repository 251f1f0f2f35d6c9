namespace Estream.Map.Internal;

/// <summary>The byte offsets of a file batches/NNN: a header, and the changes of the batch that its owner applied last.</summary>
internal static class BatchLayout
{
    /// <summary>"ESTRMBAT" in ASCII, read as a little-endian number.</summary>
    public const long MagicValue = 0x5441424D_52545345;

    public const string Directory = "batches";

    /// <summary>The lock file of a writer that completes the batch of a dead one. The lock ends with its owner.</summary>
    public const string LockFile = "batches.lock";

    public const int Magic = 0;
    public const int Version = 8;
    public const int EntryBytes = 12;
    public const int HashSeed = 16;

    /// <summary>
    /// 0, or, while the batch is applied, the word of its owner (see <see cref="OwnerWord"/>). Begins the cache line of the words that
    /// are written for each batch.
    /// </summary>
    public const int Committed = 64;

    /// <summary>1 while feed intents of stripes may refer to the batch.</summary>
    public const int HasFeedIntents = 72;
    public const int Generation = 80;

    /// <summary>The writer epoch of the batch. A log of another epoch is invalid.</summary>
    public const int MapEpoch = 88;
    public const int Count = 96;

    /// <summary>CRC-32C of the generation, the epoch, the number of changes, and the changes.</summary>
    public const int Checksum = 100;

    /// <summary>The number of commits and ends. A reader of several keys compares it to detect them.</summary>
    public const int Turn = 104;

    /// <summary>1: readers of several keys know of this log.</summary>
    public const int Announced = 112;
    public const int HeaderBytes = 128;

    public const int KindOffset = 0;
    public const int KeyOffset = 8;
    public const int KindPut = 1;
    public const int KindRemove = 2;

    /// <summary>
    /// The limits of a batch. They bound the number of locks that it holds at once and the memory that a writer allocates for it.
    /// </summary>
    public const int MaxEntries = 1024;
    public const long MaxBytes = 16L << 20;

    private const int NameDigits = 3;

    public static string File(int place) => $"{Directory}/{place:D3}";

    /// <summary>The slot in the name of a log; -1 if the name is not that of a log.</summary>
    public static int SlotOf(string name) =>
        name.Length == NameDigits && !name.AsSpan().ContainsAnyExceptInRange('0', '9')
            ? int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)
            : -1;
}

/// <summary>The layout of a change in a log: its kind, its key, its value.</summary>
internal static class BatchEntry<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int Alignment = 8;

    public static readonly int ValueOffset = AlignUp(BatchLayout.KeyOffset + SlotLayout<TKey, TValue>.KeyBytes);

    public static readonly int Bytes = AlignUp(ValueOffset + SlotLayout<TKey, TValue>.ValueBytes);

    public static long OffsetOf(int index) => BatchLayout.HeaderBytes + ((long)index * Bytes);

    private static int AlignUp(int value) => (value + Alignment - 1) & -Alignment;
}
