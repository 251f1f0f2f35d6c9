using Estream.Streams.TestProcess;

namespace Estream.Streams.Tests.Windows;

/// <summary>A straightforward model of a throttle: for each key and interval, the list of its events.</summary>
internal static class ThrottleModel
{
    /// <summary>Returns the values of the events that pass.</summary>
    /// <param name="beats">The events.</param>
    /// <param name="most">The maximum number of events of a key per interval.</param>
    /// <param name="excess">What happens to the excess events.</param>
    /// <param name="size">The length of the interval.</param>
    /// <param name="delay">How far the watermark is behind the newest event.</param>
    /// <param name="dropped">The number of dropped events.</param>
    /// <param name="late">The number of events that arrived after their interval.</param>
    public static List<long> Passed(IReadOnlyList<Beat> beats, int most, Excess excess, long size, long delay, out long dropped,
        out long late)
    {
        List<long> passed = [];
        Dictionary<(long, long), List<Beat>> open = [];
        long watermark = long.MinValue;
        long atOnce = excess == Excess.Drop ? most : most - 1;
        (dropped, late) = (0, 0);
        foreach (Beat beat in beats)
        {
            long start = beat.Time / size * size;
            if (start + size <= watermark)
            {
                late++;
            }
            else
            {
                List<Beat> all = open.TryGetValue((start, beat.Key), out List<Beat>? there) ? there : open[(start, beat.Key)] = [];
                all.Add(beat);
                if (all.Count <= atOnce)
                {
                    passed.Add(beat.Value);
                }
                else if (excess == Excess.Drop || all.Count > most)
                {
                    dropped++;
                }
            }

            long reached = Math.Max(watermark, beat.Time - delay);
            if (reached == watermark)
            {
                continue;
            }

            watermark = reached;
            foreach (KeyValuePair<(long Start, long Key), List<Beat>> over in open.Where(window => window.Key.Item1 + size <= reached)
                .OrderBy(window => window.Key.Item1).ToList())
            {
                List<Beat> rest = [.. over.Value.Skip((int)atOnce)];
                if (excess == Excess.KeepNewest && rest.Count > 0)
                {
                    passed.Add(rest.OrderBy(one => one.Time).Last().Value);
                }

                open.Remove(over.Key);
            }
        }

        return passed;
    }
}
