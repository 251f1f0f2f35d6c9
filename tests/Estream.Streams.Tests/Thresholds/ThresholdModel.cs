using Estream.Queue;
using Estream.Streams.TestProcess;

namespace Estream.Streams.Tests.Thresholds;

/// <summary>A crossing in the form that the tests compare.</summary>
internal readonly record struct Crossed(long Key, bool IsRaised, long Value)
{
    /// <summary>Writes a crossing as a reading.</summary>
    public static Beat BeatOf(scoped in Crossing<long, long> crossing) => new(crossing.Key, crossing.IsRaised ? 1 : 0, crossing.Event);

    public static IEnumerable<Crossed> All(EstreamQueue queue) =>
        Beat.All(queue).Select(beat => new Crossed(beat.Key, beat.Time == 1, beat.Value));
}

/// <summary>A straightforward model of a threshold: for each key, whether it is raised, and since when its value has been beyond the
/// threshold.</summary>
internal static class ThresholdModel
{
    /// <summary>Returns the crossings of events.</summary>
    /// <param name="beats">The events.</param>
    /// <param name="valueOf">Returns the value of an event.</param>
    /// <param name="raise">The limit above which a key is raised.</param>
    /// <param name="clear">The limit below which a key is cleared.</param>
    /// <param name="hold">The seconds for which the value must stay above <paramref name="raise"/>.</param>
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
