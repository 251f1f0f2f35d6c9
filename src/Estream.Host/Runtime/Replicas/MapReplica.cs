using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Map;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// A replica of a map of the host. It starts with a copy of all entries, and then follows the queue of the map with a tailer of its own. A
/// replica that cannot be trusted after a crash of the machine is copied again.
/// </summary>
internal static class MapReplica
{
    /// <summary>Opens a replica. The source map must be open, and not follow its queue yet.</summary>
    /// <exception cref="EstreamException">The replica cannot be opened; the message says why.</exception>
    public static MapRuntime Open(ReplicaPlan plan, MapRuntime source, EsfSchema schema, EstreamQueue queue,
        Func<StateMap<Utf8Key64, LatestEntry>, ReadGate, MapView> view, ReadGate host)
    {
        MapPlan copy = source.Plan with { Name = plan.FoldName };
        Prepare(copy, plan.MapDirectory, source, schema, queue);
        return MapRuntime.Open(copy, schema, queue, plan.MapDirectory, view, host);
    }

    private static void Prepare(MapPlan copy, string directory, MapRuntime source, EsfSchema schema, EstreamQueue queue)
    {
        using StateMap<Utf8Key64, LatestEntry> target = StateMap.Open<Utf8Key64, LatestEntry>(directory);
        QueueInfo info = queue.GetInfo();
        bool isFollowed = info.Tailers.Any(tailer => tailer.Name == copy.ReaderName);
        LatestMapSink sink = new(target, LatestMapSink.OriginOf(copy.Queue, schema.QualifiedName, copy.Key), info.EndPosition, isFollowed);
        if (!sink.NeedsReplay || info.Tailers.FirstOrDefault(tailer => tailer.Name == source.Plan.ReaderName) is not { } followed)
        {
            // Without a tailer the source map is built from the oldest message, and so is its replica.
            return;
        }

        // The tailer is placed before the copy is made: messages that the copy already has are applied again, which changes nothing.
        using (QueueTailer tailer = queue.CreateTailer(copy.ReaderName))
        {
            tailer.Seek(followed.Position);
            tailer.Commit();
        }

        sink.CopyFrom(source.Map);
    }
}
