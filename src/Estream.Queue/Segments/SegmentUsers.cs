using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Finds the processes that have pinned segments of a queue. A process that uses a segment has locked it (<see cref="SegmentCache"/>), and
/// the kernel knows the owner of the lock. No process has to store its id, which a read-only process could not do. Names and appenders are
/// found by their locks too, so a process has the same id everywhere.
/// </summary>
internal static class SegmentUsers
{
    // Most readers are near one end of the log.
    private const int MostAtEachEnd = 512;
    private const int MostTailers = 1_024;

    /// <summary>The caller pins no segment itself.</summary>
    public static QueueInfo AddTo(QueueInfo info, EstreamQueue queue)
    {
        IReadOnlyList<long> all = queue.ListSegments();
        IReadOnlyList<long> looked = all.Count <= 2 * MostAtEachEnd
            ? all
            : [.. all.Take(MostAtEachEnd), .. all.Skip(all.Count - MostAtEachEnd)];
        Dictionary<string, long> segments = looked.ToDictionary(index => queue.Files.SegmentPath(index), StringComparer.Ordinal);
        Dictionary<string, TailerInfo> cursors = info.Tailers.Take(MostTailers)
            .ToDictionary(tailer => TailerCursor.PathOf(queue.Files, tailer.Name), StringComparer.Ordinal);
        LockHolders found = queue.Files.Storage.FindLockHolders([.. segments.Keys, .. cursors.Keys, queue.Files.LockPath]);
        ILookup<int, string> held = found.Holders.ToLookup(holder => holder.ProcessId, holder => holder.Path);
        var users = new List<SegmentUser>();
        foreach (LockHolder holder in found.Holders)
        {
            if (segments.TryGetValue(holder.Path, out long segment))
            {
                users.Add(Describe(holder, segment, info) with
                {
                    Tailers = [.. held[holder.ProcessId].Where(cursors.ContainsKey).Select(path => cursors[path])
                        .Where(tailer => tailer.Position / info.SegmentBytes == segment).Select(tailer => tailer.Name)],
                    IsAppender = held[holder.ProcessId].Contains(queue.Files.LockPath),
                });
            }
        }

        return info with
        {
            SegmentUsers = [.. users.OrderBy(user => user.FirstPosition).ThenBy(user => user.ProcessId)],
            AreSegmentUsersComplete = found.IsComplete && looked.Count == all.Count && cursors.Count == info.Tailers.Count,
        };
    }

    private static SegmentUser Describe(LockHolder holder, long segment, QueueInfo info)
    {
        long start = segment * info.SegmentBytes;
        long first = start + SegmentLayout.HeaderBytes;
        return new SegmentUser(holder.ProcessId, holder.ProcessName, first, Math.Clamp(info.EndPosition, first, start + info.SegmentBytes));
    }
}
