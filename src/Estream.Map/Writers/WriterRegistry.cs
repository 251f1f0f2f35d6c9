using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The slots of a multi-writer map in writers.tab. Locks name their owner by its slot. One object takes as many slots as it has threads
/// that write at the same time, and keeps them.
/// </summary>
internal sealed class WriterRegistry : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<LockOwner> _resting = [];
    private readonly List<LockOwner> _all = [];
    private readonly WriterSlots _slots;
    private readonly string _directory;
    private LockOwner? _idle;

    private WriterRegistry(WriterSlots slots, string directory)
    {
        _slots = slots;
        _directory = directory;
    }

    /// <summary>Creates writers.tab again. The caller is the only writer, and no lock is held.</summary>
    public static WriterRegistry Create(DirectorySource files, ulong hashSeed)
    {
        files.Storage.CreateDirectory(files.Describe(WriterRegistryLayout.LockDirectory));
        files.Delete(WriterRegistryLayout.File);
        MemoryRegion region = files.Create(WriterRegistryLayout.File, WriterSlots.FileBytes);
        WriterRegistryLayout.WriteHeader(region.All, hashSeed);
        return Guarded(files, region, hashSeed);
    }

    /// <summary>Opens the writers.tab that other writers use.</summary>
    public static WriterRegistry Open(DirectorySource files, ulong hashSeed) =>
        Guarded(files, files.Open(WriterRegistryLayout.File, RegionAccess.ReadWrite), hashSeed);

    /// <summary>Takes a slot for the calling thread, until <see cref="Return"/>.</summary>
    /// <exception cref="EstreamLeaseException">All slots are taken.</exception>
    public LockOwner Rent() => Interlocked.Exchange(ref _idle, null) ?? RentAnother();

    public void Return(LockOwner lockOwner)
    {
        if (Interlocked.Exchange(ref _idle, lockOwner) is { } other)
        {
            lock (_gate)
            {
                _resting.Push(other);
            }
        }
    }

    /// <summary>Whether the owner of a lock is dead. Costs some microseconds.</summary>
    public bool IsDead(long owner) => _slots.IsGone(OwnerWord.SlotOf(owner), OwnerWord.EpochOf(owner));

    /// <summary>The process that owns a lock, or 0 if unknown; for messages.</summary>
    public int ProcessOf(long owner)
    {
        int slot = OwnerWord.SlotOf(owner);
        return (uint)slot < WriterSlots.SlotCount ? _slots.OwnerOf(slot) : 0;
    }

    /// <summary>Releases all slots. No thread writes any more.</summary>
    public void Dispose()
    {
        _all.ForEach(lockOwner => lockOwner.Slot.Dispose());
        _slots.Dispose();
    }

    private static WriterRegistry Guarded(DirectorySource files, MemoryRegion region, ulong hashSeed)
    {
        try
        {
            WriterRegistryLayout.Validate(region.All, files.Describe(WriterRegistryLayout.File), hashSeed);
            return Over(files, region);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    // Takes the slot of the first thread now, so that a single thread needs no storage operation later.
    private static WriterRegistry Over(DirectorySource files, MemoryRegion region)
    {
        var slots = new WriterSlots(files.Storage, region, files.Describe(WriterRegistryLayout.LockDirectory));
        var registry = new WriterRegistry(slots, files.Directory);
        registry.Return(registry.Rent());
        return registry;
    }

    private LockOwner RentAnother()
    {
        lock (_gate)
        {
            if (_resting.TryPop(out LockOwner? resting))
            {
                return resting;
            }

            // A dead owner's slot can be reused: its locks name the old epoch.
            var lockOwner = new LockOwner(_slots.Take(_ => true, _directory));
            _all.Add(lockOwner);
            return lockOwner;
        }
    }
}

/// <summary>A writer slot, and the word by which locks name it.</summary>
internal sealed class LockOwner(WriterSlot slot)
{
    public WriterSlot Slot { get; } = slot;

    public long Word { get; } = OwnerWord.Of(slot.Number, slot.Epoch);
}
