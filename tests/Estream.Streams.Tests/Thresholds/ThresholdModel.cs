using Estream.Queue;
using Estream.Streams.TestProcess;

namespace Estream.Streams.Tests.Thresholds;

/// <summary>A crossing as the tests compare it.</summary>
internal readonly record struct Crossed(long Key, bool IsRaised, long Value)
{
    /// <summary>The reading that a crossing is written as.</summary>
    public static Beat BeatOf(scoped in Crossing<long, long> crossing) => new(crossing.Key, crossing.IsRaised ? 1 : 0, crossing.Event);

    public static IEnumerable<Crossed> All(EstreamQueue queue) =>
        Beat.All(queue).Select(beat => new Crossed(beat.Key, beat.Time == 1, beat.Value));
}

/// <summary>A threshold as one would write it down: for each key whether it is raised, and since when it has been beyond.</summary>
internal static class ThresholdModel
{
    /// <summary>The crossings of events.</summary>
    /// <param name="beats">The events.</param>
    /// <param name="valueOf">The value of one.</param>
    /// <param name="raise">Raised above it.</param>
    /// <param name="clear">Cleared below it.</param>
    /// <param name="hold">Seconds that a value has to be above.</param>
    public static List<Crossed> Above(IEnumerable<Beat> beats, Func<Beat, double> valueOf, double raise, double clear, long hold = 0)
    {
        List<Crossed> crossings = [];
        HashSet<long> raised = [];
        Dictionary<long, long> beyondSince = [];
        foreach (Beat beat in beats.Where(beat => !double.IsNaN(valueOf(beat))))
        {
            if (valueOf(beat) > raise)
            {
                beyondSince.TryAdd(beat.Key, beat.Time);
            }
            else
            {
                beyondSince.Remove(beat.Key);
            }

            bool isLongEnough = beyondSince.TryGetValue(beat.Key, out long since) && beat.Time - since >= hold;
            if (isLongEnough ? raised.Add(beat.Key) : valueOf(beat) < clear && raised.Remove(beat.Key))
            {
                crossings.Add(new Crossed(beat.Key, isLongEnough, beat.Value));
            }
        }

        return crossings;
    }
}
