using System.Diagnostics.Metrics;

namespace Estream.Wire;

/// <summary>The instruments of ingress, on the common meter of Estream.</summary>
internal static class IngressMetrics
{
    private static readonly Lock s_lock = new();
    private static readonly List<QueueMeter> s_queues = [];
    private static readonly List<MapFold> s_folds = [];
    private static readonly Meter s_meter = new("Estream");
    private static readonly Counter<long> s_deadLetters = s_meter.CreateCounter<long>(
        "estream.ingress.dead_letters", "{message}", "Messages that did not fit and are in the dead-letter queue.");

    static IngressMetrics()
    {
        // The values are read at collection: counting on the hot path is a plain store.
        s_meter.CreateObservableCounter(
            "estream.ingress.messages", () => OfQueues(queue => queue.Messages()), "{message}",
            "Messages appended to a queue by adapters.");
        s_meter.CreateObservableCounter(
            "estream.ingress.bytes", () => OfQueues(queue => queue.Bytes()), "By",
            "Bytes of the messages appended to a queue by adapters.");
        s_meter.CreateObservableGauge(
            "estream.ingress.blocked", () => OfQueues(queue => queue.IsBlocked() ? 1 : 0), null, "1 while a queue cannot be written.");
        s_meter.CreateObservableCounter(
            "estream.fold.applied", () => OfFolds(fold => fold.Applied), "{message}", "Messages folded into a map.");
        s_meter.CreateObservableCounter(
            "estream.fold.skipped", () => OfFolds(fold => fold.Skipped), "{message}", "Messages of a map's queue that have no key for it.");
    }

    public static void Add(QueueMeter queue)
    {
        lock (s_lock)
        {
            s_queues.Add(queue);
        }
    }

    public static void Remove(QueueMeter queue)
    {
        lock (s_lock)
        {
            s_queues.Remove(queue);
        }
    }

    public static void Add(MapFold fold)
    {
        lock (s_lock)
        {
            s_folds.Add(fold);
        }
    }

    public static void Remove(MapFold fold)
    {
        lock (s_lock)
        {
            s_folds.Remove(fold);
        }
    }

    public static void CountDeadLetter(string adapter, IngressStatus status)
    {
        s_deadLetters.Add(
            1,
            new KeyValuePair<string, object?>("adapter", adapter),
            new KeyValuePair<string, object?>("reason", status == IngressStatus.NotMapped ? "not_mapped" : "unfit"));
    }

    private static IEnumerable<Measurement<long>> OfQueues(Func<QueueMeter, long> value)
    {
        lock (s_lock)
        {
            return [.. s_queues.Select(queue =>
                new Measurement<long>(value(queue), new KeyValuePair<string, object?>("queue", queue.Queue)))];
        }
    }

    private static IEnumerable<Measurement<long>> OfFolds(Func<MapFold, long> value)
    {
        lock (s_lock)
        {
            return [.. s_folds.Select(fold => new Measurement<long>(value(fold), new KeyValuePair<string, object?>("map", fold.Name)))];
        }
    }
}

/// <summary>The metrics of a queue or of the dead letters, read at collection.</summary>
internal sealed record QueueMeter(string Queue, Func<long> Messages, Func<long> Bytes, Func<bool> IsBlocked);
