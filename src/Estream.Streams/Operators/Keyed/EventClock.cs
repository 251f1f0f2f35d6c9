namespace Estream.Streams.Operators.Keyed;

/// <summary>Maintains the watermark of one stream.</summary>
/// <param name="progress">The progress that stores the watermark.</param>
/// <param name="delay">How far the watermark is behind the newest event.</param>
/// <param name="hasSources">True if the watermark follows the slowest source instead of the newest event overall.</param>
/// <param name="idleAfter">A source whose newest event is this much older than the newest event overall no longer holds back the
/// watermark.</param>
internal sealed class EventClock(Progress progress, long delay, bool hasSources = false, long idleAfter = 0)
{
    public KeyedSources Sources { get; } = new();

    public long Watermark => progress[ProgressKey.Watermark];

    /// <summary>Advances the watermark with the time of an event.</summary>
    public void Advance(long source, long time)
    {
        ref long newest = ref progress[ProgressKey.Newest];
        newest = Math.Max(newest, time);
        long slowest = newest;
        if (hasSources)
        {
            Sources.Take(source, time);

            // In a state that was committed without sources, the newest event belongs to no known source, so all known sources may be idle.
            // The newest event then determines the watermark.
            slowest = Math.Min(newest, Sources.Least(newest - idleAfter));
        }

        ref long watermark = ref progress[ProgressKey.Watermark];
        watermark = Math.Max(watermark, slowest - delay);
    }
}
