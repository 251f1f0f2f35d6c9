using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>Seeks messages of a log by number, by time and by position, and requires the messages that a walk over the whole log
/// finds.</summary>
internal static class SeekCheck
{
    private const int Seeks = 6;
    private const int TimeRangeNanos = 200_000_000;

    /// <param name="queue">A queue without concurrent appends.</param>
    /// <param name="random">Selects the targets.</param>
    /// <param name="hasOrderedTimes">Whether no writer's clock can have been behind the clock of another writer.</param>
    public static void Run(EstreamQueue queue, SeededRandom random, bool hasOrderedTimes)
    {
        List<Place> places = Walk(queue);
        bool isOrdered = hasOrderedTimes && places.Zip(places.Skip(1)).All(pair => pair.First.Time <= pair.Second.Time);
        using QueueTailer tailer = queue.CreateTailer();
        for (int count = places.Count == 0 ? 0 : Seeks; count > 0; count--)
        {
            int at = random.Below(places.Count);
            switch (random.Below(4))
            {
                case 0:
                    ToNumber(tailer, places, at, random);
                    break;
                case 1:
                    ToTime(tailer, places, places[at].Time - random.Below(TimeRangeNanos), isOrdered);
                    break;
                case 2:
                    tailer.Seek(places[at].Position);
                    Expect(tailer, places[at], "its position");
                    break;
                default:
                    IntoMessage(tailer, places[at]);
                    break;
            }
        }

        ToBothEnds(tailer, places);
    }

    private static List<Place> Walk(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var places = new List<Place>();
        while (tailer.TryRead(out QueueMessage message))
        {
            places.Add(new Place(message.Position, message.Sequence, message.Time, message.Payload.ToArray()));
        }

        return places;
    }

    // Seeks the number of a message, or a skipped number before it, which leads to the same message.
    private static void ToNumber(QueueTailer tailer, List<Place> places, int at, SeededRandom random)
    {
        long before = at == 0 ? places[0].Sequence - 1 : places[at - 1].Sequence;
        long number = places[at].Sequence - random.Below((int)(places[at].Sequence - before));
        tailer.SeekToSequence(number);
        Expect(tailer, places[at], $"number {number}");
    }

    private static void ToTime(QueueTailer tailer, List<Place> places, long time, bool isOrdered)
    {
        tailer.SeekToTime(time);
        if (isOrdered)
        {
            Expect(tailer, places.Find(place => place.Time >= time)!, $"time {time}");
        }
        else if (tailer.TryRead(out QueueMessage message))
        {
            Check.That(message.Time >= time, $"a seek to time {time} led to a message of {message.Time}");
        }
    }

    // Eight bytes after the start of a message is inside the header of its frame. No message starts there, so the seek throws and the
    // tailer does not move.
    private static void IntoMessage(QueueTailer tailer, Place place)
    {
        long before = tailer.Position;
        bool isRefused = false;
        try
        {
            tailer.Seek(place.Position + 8);
        }
        catch (ArgumentException)
        {
            isRefused = true;
        }

        Check.That(isRefused, $"a seek into the message at {place.Position} was taken");
        Check.That(tailer.Position == before, $"a refused seek moved the tailer from {before} to {tailer.Position}");
    }

    private static void ToBothEnds(QueueTailer tailer, List<Place> places)
    {
        tailer.SeekToEnd();
        long end = tailer.Position;
        Check.That(!tailer.TryRead(out _), "there is a message behind the end");
        tailer.SeekToTime(long.MaxValue);
        Check.That(places.Count == 0 || tailer.Position <= end,
            $"a seek to a time to come led to {tailer.Position}, behind the end at {end}");
        Check.That(!tailer.TryRead(out _), "there is a message from a time to come");
        tailer.SeekToStart();
        if (places.Count > 0)
        {
            Expect(tailer, places[0], "the start");
        }
    }

    private static void Expect(QueueTailer tailer, Place place, string target)
    {
        bool isThere = tailer.TryRead(out QueueMessage message);
        Check.That(isThere, $"a seek to {target} led to the end and not to the message at {place.Position}");
        Check.That(
            message.Position == place.Position && message.Sequence == place.Sequence,
            $"a seek to {target} led to message {message.Sequence} at {message.Position} and not to message {place.Sequence} at "
            + $"{place.Position}");
        Check.That(message.Payload.SequenceEqual(place.Payload),
            $"a seek to {target} shows the message at {place.Position} as another one");
    }

    private sealed record Place(long Position, long Sequence, long Time, byte[] Payload);
}
