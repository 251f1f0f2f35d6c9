using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>A slot has one owner, who is alive exactly as long as its lock is held.</summary>
public sealed class WriterSlotsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly WriterSlots _slots;

    public WriterSlotsTests()
    {
        MemoryRegion region = FileStorage.Instance.CreateRegion(_directory.Combine("slots"), WriterSlots.FileBytes);
        _slots = new WriterSlots(FileStorage.Instance, region, _directory.Path);
    }

    public void Dispose()
    {
        _slots.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Every_owner_has_its_own_slot_and_name()
    {
        using WriterSlot first = _slots.Take(_ => true, "here");
        using WriterSlot second = _slots.Take(_ => true, "here");
        Assert.NotEqual(first.Number, second.Number);
        Assert.Equal(Environment.ProcessId, _slots.OwnerOf(second.Number));
        Assert.False(_slots.IsGone(second.Number, second.Epoch));
        second.Dispose();
        Assert.True(_slots.IsGone(second.Number, second.Epoch));
        Assert.Equal(0, _slots.OwnerOf(second.Number));

        using WriterSlot third = _slots.Take(_ => true, "here");
        Assert.Equal(second.Number, third.Number);
        Assert.Equal(second.Epoch + 1, third.Epoch);
        Assert.True(_slots.IsGone(second.Number, second.Epoch));
        Assert.False(_slots.IsGone(third.Number, third.Epoch));
    }

    [Fact]
    public void The_slot_of_a_dead_owner_is_taken_once_it_is_cleared()
    {
        WriterSlot dead = _slots.Take(_ => true, "here");
        int asked = 0;
        KillOwner(dead.Number);
        using WriterSlot next = _slots.Take(slot => asked++ > 0 || slot != dead.Number, "here");
        Assert.Equal(1, asked);
        Assert.NotEqual(dead.Number, next.Number);
        using WriterSlot heir = _slots.Take(_ => true, "here");
        Assert.Equal(dead.Number, heir.Number);
    }

    [Fact]
    public void IsGone_returns_true_for_an_owner_outside_the_table_or_of_an_unused_epoch()
    {
        Assert.True(_slots.IsGone(-1, 0));
        Assert.True(_slots.IsGone(WriterSlots.SlotCount, 0));
        Assert.True(_slots.IsGone(0, 77));
    }

    [Fact]
    public void The_next_writer_is_refused_when_all_slots_are_taken()
    {
        var taken = new List<WriterSlot>();
        for (int slot = 0; slot < WriterSlots.SlotCount; slot++)
        {
            taken.Add(_slots.Take(_ => true, "here"));
        }

        EstreamLeaseException full = Assert.Throws<EstreamLeaseException>(() => _slots.Take(_ => true, "here"));
        Assert.Contains("256", full.Message, StringComparison.Ordinal);
        taken.ForEach(slot => slot.Dispose());
    }

    [Fact]
    public void A_file_that_is_too_short_throws() =>
        Assert.Throws<ArgumentException>(() => new WriterSlots(FileStorage.Instance, NativeRegion.Allocate(4096), _directory.Path));

    [Fact]
    public void Taking_a_slot_waits_until_its_lock_is_free()
    {
        IDisposable held = TimedLock.Take(FileStorage.Instance, _directory.Combine("lock"));
        using Task<IDisposable> waiting = Task.Run(() => TimedLock.Take(FileStorage.Instance, _directory.Combine("lock")));
        Assert.False(waiting.IsCompleted);
        held.Dispose();
        Eventually.True(() => waiting.IsCompletedSuccessfully, "the lock has changed hands");
    }

    // Frees the lock and leaves the process id in the slot, as the death of the owner does.
    private void KillOwner(int slot)
    {
        File.Move(_directory.Combine($"{slot:D3}.lock"), _directory.Combine("held.by.the.dead"));
        Assert.NotEqual(0, _slots.OwnerOf(slot));
    }
}
