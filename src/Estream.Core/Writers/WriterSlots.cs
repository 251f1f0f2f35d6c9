namespace Estream.Core;

/// <summary>
/// The places of several writers, in any number of processes, in a mapped file. Whether the owner of a place lives is said by the
/// kernel's lock on the place's file alone, which ends with its owner however that ends; what the owner was doing is said by the place.
/// </summary>
/// <remarks>
/// <para>A place is <see cref="SlotBytes"/> long: eight bytes for the user, the epoch (how many owners it has had), process id and start
/// time of the owner for people to read; the rest is the user's.</para>
/// <para>Thread-safe, but for <see cref="Dispose"/>.</para>
/// </remarks>
public sealed class WriterSlots : IDisposable
{
    /// <summary>How many places there are.</summary>
    public const int SlotCount = 256;

    /// <summary>Bytes before the first place, the user's.</summary>
    public const int HeaderBytes = 4096;

    /// <summary>Bytes of a place: two cache lines, so that no two owners share one.</summary>
    public const int SlotBytes = 128;

    /// <summary>Bytes of the file.</summary>
    public const int FileBytes = HeaderBytes + (SlotCount * SlotBytes);

    /// <summary>Where in a place its epoch is: a long.</summary>
    public const int EpochOffset = 8;

    /// <summary>Where in a place the process id of its owner is: an int.</summary>
    public const int ProcessOffset = 16;

    /// <summary>Where in a place the start time of its owner is: a long.</summary>
    public const int StartOffset = 24;

    private const int TakeAttempts = 1_000;

    private readonly IStorage _storage;
    private readonly MemoryRegion _region;
    private readonly string _lockDirectory;

    /// <summary>Takes over a file that its user has checked.</summary>
    /// <param name="storage">Where the locks are.</param>
    /// <param name="region">The file, mapped for writing; disposed with this object.</param>
    /// <param name="lockDirectory">Where the places' lock files are; it exists.</param>
    /// <exception cref="ArgumentException">The file is shorter than <see cref="FileBytes"/>.</exception>
    public WriterSlots(IStorage storage, MemoryRegion region, string lockDirectory)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.Length < FileBytes)
        {
            throw new ArgumentException($"{region.Length} bytes are too few for {SlotCount} places, which take {FileBytes}.",
                nameof(region));
        }

        _storage = storage;
        _region = region;
        _lockDirectory = lockDirectory;
    }

    /// <summary>The bytes of a place.</summary>
    public RegionSpan Memory(int slot) => _region.Slice(HeaderBytes + ((long)slot * SlotBytes), SlotBytes);

    /// <summary>How many owners the place has had, the present one included.</summary>
    public long EpochOf(int slot) => Memory(slot).ReadInt64Acquire(EpochOffset);

    /// <summary>The process that has the place, or died in it; 0 when all that it left is cleared up.</summary>
    public int OwnerOf(int slot) => Memory(slot).ReadInt32Acquire(ProcessOffset);

    /// <summary>The lock that says whether the owner lives: held exclusively by the owner, shared by those who clear up after it. Some
    /// microseconds.</summary>
    /// <returns>The lock, or <see langword="null"/> when the owner, or in the shared mode a new one, lives.</returns>
    public IDisposable? TryLock(int slot, LockMode mode) => _storage.TryLock(Path.Combine(_lockDirectory, $"{slot:D3}.lock"), mode);

    /// <summary>
    /// Whether the owner that a place had in an epoch is gone, for good: it died or gave the place up, or never was. No is no promise, and
    /// yes is final. Some microseconds.
    /// </summary>
    public bool IsGone(int slot, long epoch)
    {
        if ((uint)slot >= SlotCount || epoch <= 0 || EpochOf(slot) != epoch)
        {
            return true;
        }

        // Nobody becomes the owner while this is held, and the epoch is counted up before an owner does anything.
        using IDisposable? held = TryLock(slot, LockMode.Shared);
        return held is not null;
    }

    /// <summary>Says that nothing is left of an owner. The caller holds the lock of the place.</summary>
    public void Clear(int slot) => Memory(slot).WriteInt32Release(ProcessOffset, 0);

    /// <summary>Takes a place that is free, or whose owner died and has been cleared up after.</summary>
    /// <param name="clearUp">Clears up after the dead owner of a place, whose lock is held meanwhile; returns whether that is done.</param>
    /// <param name="place">What is written to, for the message.</param>
    /// <exception cref="EstreamLeaseException">There is none: too many writers, or dead ones that cannot be cleared up after
    /// yet.</exception>
    public WriterSlot Take(Func<int, bool> clearUp, string place)
    {
        ArgumentNullException.ThrowIfNull(clearUp);
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < TakeAttempts; attempt++)
        {
            for (int slot = 0; slot < SlotCount; slot++)
            {
                if (TryTake(slot, clearUp) is { } taken)
                {
                    return taken;
                }
            }

            // Whoever looks whether an owner lives holds its lock for a moment: all may seem taken that are not.
            idle.Idle(0);
        }

        throw new EstreamLeaseException(
            $"All {SlotCount} places for writers of '{place}' are taken. Let fewer processes, or fewer threads at a time, write there.",
            place);
    }

    /// <summary>Gives the mapping back. The places taken stay their owners' until they are disposed.</summary>
    public void Dispose() => _region.Dispose();

    private WriterSlot? TryTake(int slot, Func<int, bool> clearUp)
    {
        IDisposable? held = TryLock(slot, LockMode.Exclusive);
        if (held is null)
        {
            return null;
        }

        try
        {
            if (OwnerOf(slot) == 0 || clearUp(slot))
            {
                return new WriterSlot(this, held, slot);
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }

        held.Dispose();
        return null;
    }
}
