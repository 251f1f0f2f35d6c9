namespace Estream.Streams.Operators.Keyed;

/// <summary>The watermark of one stream, as its events move it.</summary>
/// <param name="progress">Where the watermark is kept.</param>
/// <param name="delay">How far it is behind the newest event.</param>
/// <param name="hasSources">Whether it is behind the slowest source and not the newest event of all.</param>
/// <param name="idleAfter">How far behind the newest event of all the newest one of a source is when it is not waited for any more.</param>
internal sealed class EventClock(Progress progress, long delay, bool hasSources = false, long idleAfter = 0)
{
    public KeyedSources Sources { get; } = new();

    public long Watermark => progress[ProgressKey.Watermark];

    /// <summary>Takes the time of an event.</summary>
    public void Advance(long source, long time)
    {
        ref long newest = ref progress[ProgressKey.Newest];
        newest = Math.Max(newest, time);
        long slowest = newest;
        if (hasSources)
        {
            Sources.Take(source, time);

            // Of a state that was kept without sources, the newest event of all is of none that is known.
            slowest = Math.Min(newest, Sources.Least(newest - idleAfter));
        }

        ref long watermark = ref progress[ProgressKey.Watermark];
        watermark = Math.Max(watermark, slowest - delay);
    }
}
