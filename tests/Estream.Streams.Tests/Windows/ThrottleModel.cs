using Estream.Streams.TestProcess;

namespace Estream.Streams.Tests.Windows;

/// <summary>A throttle as one would write it down: for each key and interval the list of its events.</summary>
internal static class ThrottleModel
{
    /// <summary>The values of the events that pass.</summary>
    /// <param name="beats">The events.</param>
    /// <param name="most">How many of a key pass in an interval.</param>
    /// <param name="excess">What becomes of the others.</param>
    /// <param name="size">The interval.</param>
    /// <param name="delay">How far behind the newest event the watermark is.</param>
    /// <param name="dropped">How many were held back for good.</param>
    /// <param name="late">How many came when their interval was over.</param>
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
