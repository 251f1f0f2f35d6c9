using Estream.Queue;

namespace Estream.Circuits.ServiceLevels;

/// <summary>Where a log ends.</summary>
internal static class LogEnd
{
    /// <summary>A position behind everything that is committed now.</summary>
    public static long Of(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToEnd();
        return tailer.Position;
    }
}
