using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Finds out which processes are in the segments of a queue. Who is in one has locked it (<see cref="SegmentCache"/>), and the kernel knows who that is: nobody
/// has to write a word for it, which those that read only could not.
/// </summary>
internal static class SegmentUsers
{
    // Readers are mostly near one of the ends.
    private const int MostAtEachEnd = 512;

    /// <summary>Nothing of this process holds a segment for the look itself.</summary>
    public static QueueInfo AddTo(QueueInfo info, EstreamQueue queue)
    {
        IReadOnlyList<long> all = queue.ListSegments();
        IReadOnlyList<long> looked = all.Count <= 2 * MostAtEachEnd ? all : [.. all.Take(MostAtEachEnd), .. all.Skip(all.Count - MostAtEachEnd)];
        Dictionary<string, long> segments = looked.ToDictionary(index => queue.Files.SegmentPath(index), StringComparer.Ordinal);
        LockHolders found = queue.Files.Storage.FindLockHolders([.. segments.Keys]);
        return info with
        {
            SegmentUsers = [.. found.Holders.Select(holder => Describe(holder, segments[holder.Path], info)).OrderBy(user => user.FirstPosition).ThenBy(user => user.ProcessId)],
            AreSegmentUsersComplete = found.IsComplete && looked.Count == all.Count,
        };
    }

    private static SegmentUser Describe(LockHolder holder, long segment, QueueInfo info)
    {
        long start = segment * info.SegmentBytes;
        long first = start + SegmentLayout.HeaderBytes;
        return new SegmentUser(holder.ProcessId, holder.ProcessName, first, Math.Clamp(info.EndPosition, first, start + info.SegmentBytes))
        {
            Tailers = [.. info.Tailers.Where(t => t.ProcessId == holder.ProcessId && t.Position / info.SegmentBytes == segment).Select(t => t.Name)],
            IsAppender = info.Appenders.Any(appender => appender.ProcessId == holder.ProcessId),
        };
    }
}
