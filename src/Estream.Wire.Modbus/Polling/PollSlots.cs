namespace Estream.Wire.Modbus.Polling;

/// <summary>
/// The times of one poll and their numbers. A poll is due at fixed times of the UTC clock, and the number of a time is the count of
/// intervals since 1970. So two hosts with the same configuration give the same number to the same poll, without talking to each other.
/// Not thread-safe.
/// </summary>
/// <param name="interval">The nanoseconds between two polls.</param>
/// <param name="phase">The offset of the times in their interval in nanoseconds.</param>
/// <param name="window">How late in nanoseconds a missed poll is still made up; 0: missed polls are skipped.</param>
internal sealed class PollSlots(long interval, long phase, long window)
{
    private long _next;

    /// <summary>When the next poll is due, in monotonic nanoseconds.</summary>
    public long Due { get; private set; }

    /// <summary>The number of polls that were due and are not sent.</summary>
    public long Owed { get; private set; }

    /// <summary>Whether missed polls are made up.</summary>
    public bool MakesUp => window > 0;

    /// <summary>Begins at this moment.</summary>
    /// <param name="utc">The time in nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="now">The monotonic time of the same moment.</param>
    /// <param name="last">The last number in the queue; null if there is none of the last <c>window</c>.</param>
    /// <param name="isTakeover">Whether another host polled until just now, so that a missing number is a missed poll.</param>
    public void Begin(long utc, long now, long? last, bool isTakeover)
    {
        long slot = SlotAt(utc);
        long inWindow = slot - SlotAt(utc - window);

        // After a step of the clock backwards, the numbers continue, and the times follow the clock.
        _next = Math.Max(slot, last ?? 0) + 1;
        Due = now + ((slot + 1) * interval) + phase - utc;
        Owed = last is { } stored ? Missing(_next - 1 - stored, inWindow) : isTakeover ? inWindow : 1;
    }

    /// <summary>Notes that the poll is due.</summary>
    /// <param name="now">The monotonic time, not before <see cref="Due"/>.</param>
    /// <returns>The number of polls that are given up because more than <c>window</c> were missed.</returns>
    public long Advance(long now)
    {
        long slots = 1 + (Math.Max(0, now - Due) / interval);
        Due += interval * slots;
        _next += slots;
        Owed += slots;
        long most = Math.Max(1, window / interval);
        if (Owed <= most)
        {
            return 0;
        }

        long given = Owed - 1;
        Owed = 1;
        return MakesUp ? given : 0;
    }

    /// <summary>Takes the oldest poll that is owed.</summary>
    /// <returns>Its number.</returns>
    public long Take() => _next - Owed--;

    /// <summary>Gives up all polls that are owed.</summary>
    public void Drop() => Owed = 0;

    /// <summary>After a long pause only the present poll is made, so that its values are there soon.</summary>
    private static long Missing(long missed, long inWindow) => missed <= inWindow ? missed : 1;

    private long SlotAt(long utc) => (utc - phase) / interval;
}
