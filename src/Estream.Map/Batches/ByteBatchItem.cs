namespace Estream.Map.Internal;

/// <summary>What a batch of a map of bytes requires of one key and does to it, and what was found of it when the batch was
/// committed.</summary>
internal struct ByteBatchItem
{
    public nuint Hash;
    public BatchBytes Key;
    public BatchBytes Value;
    public BatchBytes Expected;
    public ByteRequirement Requirement;
    public long ExpectedVersion;
    public long ExpiresAt;
    public EntryOutcome Asked;

    /// <summary>The first item of the same hash, which may be this one; and the next of them, or -1.</summary>
    public int Leader;
    public int Next;

    /// <summary>Of a leader: the last item of its hash.</summary>
    public int Last;

    // What follows is found, and made, when the batch is committed.
    public LocatedEntry Entry;
    public EntryOutcome Outcome;
    public Stamp Stamp;

    /// <summary>The new block of the key.</summary>
    public BlockRef Stored;

    /// <summary>Of a leader: the new bundle of its hash, if it has one.</summary>
    public BlockRef Bundle;
}

/// <summary>Bytes that a batch keeps until it is committed, and how many there is room for where they are.</summary>
internal readonly record struct BatchBytes(int At, int Length, int Room);

internal enum ByteRequirement : byte
{
    None,
    Absence,
    Value,
    Version,
}
