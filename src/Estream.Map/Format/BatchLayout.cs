namespace Estream.Map.Internal;

/// <summary>The byte offsets of a file batches/NNN: a header and the changes of the batch that its owner applied last.</summary>
internal static class BatchLayout
{
    /// <summary>"ESTRMBAT" in ASCII, as a little-endian number reads it.</summary>
    public const long MagicValue = 0x5441424D_52545345;

    public const string Directory = "batches";

    /// <summary>Held by who completes the batch of a dead writer, which ends with its holder.</summary>
    public const string LockFile = "batches.lock";

    public const int Magic = 0;
    public const int Version = 8;
    public const int EntryBytes = 12;
    public const int HashSeed = 16;

    /// <summary>0, or while the batch is applied the word of its owner, see <see cref="OwnerWord"/>. On a line of its own with what is
    /// written for each batch.</summary>
    public const int Committed = 64;

    /// <summary>1 while stripes may owe to the change feed what the batch says.</summary>
    public const int Owing = 72;
    public const int Generation = 80;

    /// <summary>Which of the map's openings by who was alone the batch is of: a log of another one means nothing.</summary>
    public const int MapEpoch = 88;
    public const int Count = 96;

    /// <summary>CRC-32C of generation, epoch and number, and of the changes.</summary>
    public const int Checksum = 100;

    /// <summary>One more with each commit and with each end: by it who reads several keys sees that there was one meanwhile.</summary>
    public const int Turn = 104;

    /// <summary>1: those who read several keys have been told that there is this log.</summary>
    public const int Announced = 112;
    public const int HeaderBytes = 128;

    public const int KindOffset = 0;
    public const int KeyOffset = 8;
    public const int KindPut = 1;
    public const int KindRemove = 2;

    /// <summary>Limits of a batch: how many locks it may hold at once, and what it may make a writer allocate.</summary>
    public const int MaxEntries = 1024;
    public const long MaxBytes = 16L << 20;

    private const int NameDigits = 3;

    public static string File(int place) => $"{Directory}/{place:D3}";

    /// <summary>The place in the name of a log; -1 when it is none.</summary>
    public static int PlaceOf(string name) =>
        name.Length == NameDigits && !name.AsSpan().ContainsAnyExceptInRange('0', '9') ? int.Parse(name, System.Globalization.CultureInfo.InvariantCulture) : -1;
}

/// <summary>How a change lies in a log: its kind, its key, its value.</summary>
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
