using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The writers of a map that several write: a place for each of them in writers.tab, by which locks name their owner. An object of this
/// process takes as many places as threads of it write at the same time, and keeps them.
/// </summary>
internal sealed class WriterRegistry : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<WriterHand> _resting = [];
    private readonly List<WriterHand> _all = [];
    private readonly WriterSlots _slots;
    private readonly string _directory;
    private WriterHand? _idle;

    private WriterRegistry(WriterSlots slots, string directory)
    {
        _slots = slots;
        _directory = directory;
    }

    /// <summary>Makes the table anew: the caller is alone, and no lock names anybody.</summary>
    public static WriterRegistry Create(DirectorySource files, ulong hashSeed)
    {
        files.Storage.CreateDirectory(files.Describe(WriterRegistryLayout.LockDirectory));
        files.Delete(WriterRegistryLayout.File);
        MemoryRegion region = files.Create(WriterRegistryLayout.File, WriterSlots.FileBytes);
        WriterRegistryLayout.WriteHeader(region.All, hashSeed);
        return Guarded(files, region, hashSeed);
    }

    /// <summary>Opens the table that others use.</summary>
    public static WriterRegistry Open(DirectorySource files, ulong hashSeed) =>
        Guarded(files, files.Open(WriterRegistryLayout.File, RegionAccess.ReadWrite), hashSeed);

    /// <summary>A place nobody else uses until it is given back.</summary>
    /// <exception cref="EstreamLeaseException">All are taken.</exception>
    public WriterHand Rent() => Interlocked.Exchange(ref _idle, null) ?? RentAnother();

    public void Return(WriterHand hand)
    {
        if (Interlocked.Exchange(ref _idle, hand) is { } other)
        {
            lock (_gate)
            {
                _resting.Push(other);
            }
        }
    }

    /// <summary>Whether the owner of a lock is dead, for good. Some microseconds.</summary>
    public bool IsDead(long owner) => _slots.IsGone(OwnerWord.SlotOf(owner), OwnerWord.EpochOf(owner));

    /// <summary>The process that owns a lock, as far as is known; for messages.</summary>
    public int ProcessOf(long owner) => OwnerWord.SlotOf(owner) is var slot && (uint)slot < WriterSlots.SlotCount ? _slots.OwnerOf(slot) : 0;

    /// <summary>Gives all places back. No thread writes any more.</summary>
    public void Dispose()
    {
        _all.ForEach(hand => hand.Slot.Dispose());
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

    // With a place for the first thread, so that one that writes alone asks nothing of storage later.
    private static WriterRegistry Over(DirectorySource files, MemoryRegion region)
    {
        var roster = new WriterRegistry(new WriterSlots(files.Storage, region, files.Describe(WriterRegistryLayout.LockDirectory)), files.Directory);
        roster.Return(roster.Rent());
        return roster;
    }

    private WriterHand RentAnother()
    {
        lock (_gate)
        {
            if (_resting.TryPop(out WriterHand? resting))
            {
                return resting;
            }

            // A dead owner leaves nothing in its place: what it had locked names its epoch, which is over.
            var hand = new WriterHand(_slots.Take(_ => true, _directory));
            _all.Add(hand);
            return hand;
        }
    }
}

/// <summary>A place among the writers, and the word by which locks name it.</summary>
internal sealed class WriterHand(WriterSlot slot)
{
    public WriterSlot Slot { get; } = slot;

    public long Word { get; } = OwnerWord.Of(slot.Number, slot.Epoch);
}
