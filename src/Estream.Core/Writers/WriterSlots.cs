namespace Estream.Core;

/// <summary>
/// The slots of several writers, in any number of processes, in a mapped file. The owner of a slot holds a lock on the file of the slot,
/// which the kernel frees when the owner ends. The slot records the present operation of its owner.
/// </summary>
/// <remarks>
/// <para>A slot has <see cref="SlotBytes"/> bytes: eight for the caller, the epoch (the number of owners so far), and for display the
/// process id and start time of the owner. The remaining bytes are for the caller.</para>
/// <para>Thread-safe, except <see cref="Dispose"/>.</para>
/// </remarks>
public sealed class WriterSlots : IDisposable
{
    /// <summary>The number of slots.</summary>
    public const int SlotCount = 256;

    /// <summary>Bytes before the first slot, for the caller.</summary>
    public const int HeaderBytes = 4096;

    /// <summary>Bytes of a slot: two cache lines, so that owners share none.</summary>
    public const int SlotBytes = 128;

    /// <summary>Bytes of the file.</summary>
    public const int FileBytes = HeaderBytes + (SlotCount * SlotBytes);

    /// <summary>The offset of the epoch in a slot, a long.</summary>
    public const int EpochOffset = 8;

    /// <summary>The offset of the owner's process id in a slot, an int.</summary>
    public const int ProcessOffset = 16;

    /// <summary>The offset of the owner's start time in a slot, a long.</summary>
    public const int StartOffset = 24;

    private const int TakeAttempts = 1_000;

    private readonly IStorage _storage;
    private readonly MemoryRegion _region;
    private readonly string _lockDirectory;

    /// <summary>Uses a file whose header the caller has checked.</summary>
    /// <param name="storage">The storage of the locks.</param>
    /// <param name="region">The file, mapped for writing; disposed with this object.</param>
    /// <param name="lockDirectory">The existing directory of the lock files.</param>
    /// <exception cref="ArgumentException">The file is shorter than <see cref="FileBytes"/>.</exception>
    public WriterSlots(IStorage storage, MemoryRegion region, string lockDirectory)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.Length < FileBytes)
        {
            throw new ArgumentException($"{region.Length} bytes are too few: {SlotCount} slots need {FileBytes} bytes.",
                nameof(region));
        }

        _storage = storage;
        _region = region;
        _lockDirectory = lockDirectory;
    }

    /// <summary>The bytes of a slot.</summary>
    public RegionSpan Memory(int slot) => _region.Slice(HeaderBytes + ((long)slot * SlotBytes), SlotBytes);

    /// <summary>The number of owners that the slot has had, including the present one.</summary>
    public long EpochOf(int slot) => Memory(slot).ReadInt64Acquire(EpochOffset);

    /// <summary>The process that owns the slot or died as its owner; 0 once everything that it left is reclaimed.</summary>
    public int OwnerOf(int slot) => Memory(slot).ReadInt32Acquire(ProcessOffset);

    /// <summary>Whether this process took the slot last. It may have freed the slot since. Some nanoseconds.</summary>
    public bool IsOwn(int slot) =>
        OwnerOf(slot) == Environment.ProcessId && Memory(slot).ReadInt64(StartOffset) == ProcessIdentity.OwnStartUtcNanos;

    /// <summary>Takes the lock of a slot: exclusive for an owner, shared for a reclaimer. Some microseconds.</summary>
    /// <returns>The lock, or <see langword="null"/> if an owner lives.</returns>
    public IDisposable? TryLock(int slot, LockMode mode) => _storage.TryLock(Path.Combine(_lockDirectory, $"{slot:D3}.lock"), mode);

    /// <summary>
    /// Whether the owner of a slot in an epoch has died or freed the slot. True is final; false may change at any time. Some microseconds.
    /// </summary>
    public bool IsGone(int slot, long epoch)
    {
        if ((uint)slot >= SlotCount || epoch <= 0 || EpochOf(slot) != epoch)
        {
            return true;
        }

        // While this lock is held, no process becomes the owner, and an owner increments the epoch before anything else.
        using IDisposable? held = TryLock(slot, LockMode.Shared);
        return held is not null;
    }

    /// <summary>Marks a slot as reclaimed. The caller holds its lock.</summary>
    public void Clear(int slot) => Memory(slot).WriteInt32Release(ProcessOffset, 0);

    /// <summary>Takes a free slot, or one of a dead owner after reclaiming it.</summary>
    /// <param name="clearUp">Reclaims what the dead owner of a slot left, while the lock of the slot is held; returns whether it is
    /// done.</param>
    /// <param name="place">The name of the queue or map, for the message.</param>
    /// <exception cref="EstreamLeaseException">No slot is free: too many writers, or dead ones that cannot be reclaimed yet.</exception>
    public WriterSlot Take(Func<int, bool> clearUp, string place)
    {
        ArgumentNullException.ThrowIfNull(clearUp);
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < TakeAttempts; attempt++)
        {
            if (TryTake(clearUp) is { } taken)
            {
                return taken;
            }

            // A process that checks an owner holds the lock for a moment, so a free slot may look taken.
            idle.Idle(0);
        }

        throw new EstreamLeaseException(
            $"All {SlotCount} writer slots of '{place}' are taken. Use fewer processes, or fewer threads at a time, to write there.",
            place);
    }

    /// <summary>Takes a free slot or the slot of a dead owner, in one pass. Takes some hundred microseconds if there is none.</summary>
    /// <param name="clearUp">As for <see cref="Take"/>.</param>
    /// <returns>The slot, or <see langword="null"/> if none was found. A free slot may look taken while a process checks its owner, so
    /// try a few times.</returns>
    public WriterSlot? TryTake(Func<int, bool> clearUp)
    {
        ArgumentNullException.ThrowIfNull(clearUp);
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (TryTake(slot, clearUp) is { } taken)
            {
                return taken;
            }
        }

        return null;
    }

    /// <summary>Unmaps the file. Owners keep their slots until they dispose them.</summary>
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
