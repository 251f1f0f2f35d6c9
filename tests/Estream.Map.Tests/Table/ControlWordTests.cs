using Estream.Map.Internal;

namespace Estream.Map.Tests;

public sealed class ControlWordTests
{
    [Fact]
    public void Slots_are_taken_and_freed_one_by_one()
    {
        long control = 0;
        for (int slot = 0; slot < ControlWord.MaxSlotsPerBucket; slot++)
        {
            Assert.Equal(slot, ControlWord.FirstFree(control));
            Assert.False(ControlWord.IsTaken(control, slot));
            control = ControlWord.Take(control, slot);
            Assert.True(ControlWord.IsTaken(control, slot));
        }

        Assert.True(ControlWord.FirstFree(control) >= ControlWord.MaxSlotsPerBucket);
        control = ControlWord.Free(control, 4);
        Assert.Equal(4, ControlWord.FirstFree(control));
        Assert.False(ControlWord.IsBusy(control) || ControlWord.HasOverflow(control));
    }

    [Fact]
    public void Every_change_gives_a_control_word_never_used_before()
    {
        HashSet<long> seen = [];
        long control = 0;
        for (int round = 0; round < 1_000; round++)
        {
            Assert.True(seen.Add(control = ControlWord.Take(control, 0)));
            Assert.True(seen.Add(control = ControlWord.BeginValue(control)));
            Assert.True(seen.Add(control = ControlWord.EndValue(control)));
            Assert.True(seen.Add(control = ControlWord.Free(control, 0)));
        }
    }

    [Fact]
    public void The_overflow_count_saturates_and_never_goes_below_zero()
    {
        long control = ControlWord.RemoveOverflow(0);
        Assert.Equal(0, control);
        for (int count = 1; count < 255; count++)
        {
            control = ControlWord.AddOverflow(control);
            Assert.True(ControlWord.HasOverflow(control));
        }

        for (int count = 254; count > 0; count--)
        {
            Assert.True(ControlWord.HasOverflow(control));
            control = ControlWord.RemoveOverflow(control);
        }

        Assert.False(ControlWord.HasOverflow(control));
        for (int count = 0; count < 300; count++)
        {
            control = ControlWord.AddOverflow(control);
        }

        for (int count = 0; count < 300; count++)
        {
            control = ControlWord.RemoveOverflow(control);
        }

        Assert.True(ControlWord.HasOverflow(control), "a count that was full does not know how many there were");
    }

    [Fact]
    public void Only_the_version_of_a_control_word_overflows()
    {
        long control = ControlWord.AddOverflow(ControlWord.Take(0, 6));
        long last = (control & 0xFFFFFF) | ~0xFFFFFFL;
        Assert.Equal(control & 0xFFFFFF, (ControlWord.EndValue(ControlWord.BeginValue(last)) & 0xFFFFFF));
    }
}
