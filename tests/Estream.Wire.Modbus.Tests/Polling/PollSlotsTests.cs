using Estream.Testing;
using Estream.Wire.Modbus.Polling;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>The numbers of polls: equal on two hosts, without gap and repetition after a takeover.</summary>
public sealed class PollSlotsTests
{
    private const long Millis = 1_000_000;
    private const long Second = 1_000 * Millis;
    private const long Start = 1_700_000_000 * Second;

    [Property(200, 100_000)]
    public void A_takeover_continues_with_the_next_number_at_any_moment(ushort phase, ushort ranMs, ushort pauseMs)
    {
        long offset = phase % 1_000 * Millis;
        PollSlots first = new(Second, offset, 100 * Second);
        first.Begin(Start, now: 0, last: null, isTakeover: false);
        List<long> numbers = Run(first, until: ranMs * Millis);

        long last = numbers[^1];
        long begin = (ranMs + pauseMs) * Millis;
        PollSlots next = new(Second, offset, 100 * Second);
        next.Begin(Start + begin, begin, last, isTakeover: true);
        numbers.AddRange(Run(next, begin + (2 * Second)));

        Assert.Equal(Enumerable.Range(0, numbers.Count).Select(index => numbers[0] + index), numbers);
        Assert.True(numbers.Count >= (ranMs + pauseMs) / 1_000, $"{numbers.Count} polls");
    }

    [Fact]
    public void A_first_start_polls_at_once_and_then_at_the_times_of_the_phase()
    {
        PollSlots slots = new(Second, 300 * Millis, window: 0);
        slots.Begin(Start + (500 * Millis), now: 0, last: null, isTakeover: false);
        Assert.Equal((1, 800 * Millis), (slots.Owed, slots.Due));
        Assert.Equal(1_700_000_000, slots.Take());
        Assert.Equal(0, slots.Advance(800 * Millis));
        Assert.Equal(1_700_000_001, slots.Take());
    }

    [Fact]
    public void A_slow_poll_is_made_up_after_a_takeover_only_if_its_time_fell_into_the_window()
    {
        PollSlots slots = new(3_600 * Second, 0, 10 * Second);
        long hour = 472_223L * 3_600 * Second;
        slots.Begin(hour + (5 * Second), 0, last: null, isTakeover: true);
        Assert.Equal(1, slots.Owed);
        slots.Begin(hour + (15 * Second), 0, last: null, isTakeover: true);
        Assert.Equal(0, slots.Owed);
        slots.Begin(hour + (5 * Second), 0, last: 472_223, isTakeover: true);
        Assert.Equal(0, slots.Owed);
        slots.Begin(hour + (5 * Second), 0, last: 472_222, isTakeover: false);
        Assert.Equal(1, slots.Owed);
        Assert.Equal(472_223, slots.Take());
    }

    [Fact]
    public void After_a_long_pause_only_the_present_poll_is_made()
    {
        PollSlots slots = new(Second, 0, 10 * Second);
        slots.Begin(Start, 0, last: 1_699_990_000, isTakeover: true);
        Assert.Equal(1, slots.Owed);
        Assert.Equal(1_700_000_000, slots.Take());

        Assert.Equal(0, slots.Advance(9 * Second));
        Assert.Equal(9, slots.Owed);
        Assert.Equal(14, slots.Advance(15 * Second));
        Assert.Equal(1_700_000_015, slots.Take());
    }

    [Fact]
    public void A_clock_that_was_set_back_repeats_no_number()
    {
        PollSlots slots = new(Second, 0, 10 * Second);
        slots.Begin(Start - (3_600 * Second), 0, last: 1_700_000_000, isTakeover: true);
        Assert.Equal((0, Second), (slots.Owed, slots.Due));
        Assert.Equal(0, slots.Advance(Second));
        Assert.Equal(1_700_000_001, slots.Take());
    }

    [Fact]
    public void Without_a_window_missed_polls_are_skipped()
    {
        PollSlots slots = new(Second, 0, window: 0);
        slots.Begin(Start, 0, last: null, isTakeover: false);
        slots.Take();
        Assert.Equal(0, slots.Advance(5 * Second));
        Assert.Equal(1, slots.Owed);
        Assert.Equal((1_700_000_005, 6 * Second), (slots.Take(), slots.Due));
    }

    /// <summary>Takes each poll when it is due.</summary>
    private static List<long> Run(PollSlots slots, long until)
    {
        List<long> numbers = [];
        while (true)
        {
            while (slots.Owed > 0)
            {
                numbers.Add(slots.Take());
            }

            if (slots.Due > until)
            {
                return numbers;
            }

            slots.Advance(slots.Due);
        }
    }
}
