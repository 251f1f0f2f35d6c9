using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>Reads replicated queues and maps on this machine, also while they are written, and compares queues. Never writes.
/// Thread-safe.</summary>
public static class ReplicaInspector
{
    private const int StepBytes = 1 << 20;

    /// <summary>Reads how far a queue is replicated, as source or as copy.</summary>
    /// <param name="directory">The directory of the queue.</param>
    /// <exception cref="EstreamException">There is no queue, or it cannot be read.</exception>
    /// <remarks>Counts the messages after the confirmed position. A running publisher stores its position about ten times a
    /// second.</remarks>
    public static ReplicaReport Read(string directory)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        StreamState state = new();
        bool isReplicated = ProgressFile.TryRead(queue.Files.Storage, queue.Directory, queue.Id, state);
        long end = queue.EndPosition();
        long from = Math.Max(state.Position, queue.OldestPosition());
        long messages = 0;
        using CommittedLogReader reader = new(queue, from);
        while (isReplicated && reader.TryRead(StepBytes, out LogRange range))
        {
            messages += range.Run.Count;
        }

        return new ReplicaReport(queue.Directory, isReplicated, state.Epoch, state.Position, end)
        {
            StreamOffset = state.Offset,
            LagMessages = messages,
            LagBytes = Math.Max(0, queue.BytesBetween(from, end)),
        };
    }

    /// <summary>Reads the state of a replicated map, as owner or as replica.</summary>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="feeds">The directory of its change feed.</param>
    /// <exception cref="EstreamException">There is no map, or it cannot be read.</exception>
    public static MapReport ReadMap(string directory, string feeds)
    {
        using VersionedByteMap map = VersionedByteMap.OpenReadOnly(directory);
        long role = map.UserWord(MapWords.Role);
        return new MapReport(directory, role is MapWords.Owner or MapWords.Replica, role == MapWords.Owner)
        {
            Owner = OwnerIn(new MapFiles(feeds).Index),
            AsOf = role == MapWords.Replica ? map.UserWord(MapWords.AsOf) : 0,
            IsComplete = role == MapWords.Owner || map.UserWord(MapWords.IsComplete) != 0,
            Entries = map.Count,
        };
    }

    private static string OwnerIn(string index)
    {
        string owner = "";
        if (MapFiles.HasQueue(index))
        {
            using EstreamQueue queue = EstreamQueue.OpenReadOnly(index);
            using QueueTailer tailer = queue.CreateTailer();
            while (tailer.TryRead(out QueueMessage message))
            {
                owner = MapPointer.TryRead(message.Payload, out MapPointer pointer) ? pointer.Owner : owner;
            }
        }

        return owner;
    }

    /// <summary>Checks every frame of a queue, and compares it with another directory of the same queue.</summary>
    /// <param name="directory">The directory of the copy.</param>
    /// <param name="source">The directory of the source; null to check the copy alone.</param>
    /// <exception cref="EstreamCorruptionException">A frame is damaged.</exception>
    /// <exception cref="EstreamException">There is no queue, or it cannot be read.</exception>
    /// <remarks>Reads both logs. Frames that only one of them still has, because retention deleted them, are left out. The digest covers
    /// headers and frames of the copy, so equal digests on two machines mean equal logs.</remarks>
    public static ReplicaVerification Verify(string directory, string? source = null)
    {
        using EstreamQueue copy = EstreamQueue.OpenReadOnly(directory);
        using EstreamQueue? other = source is null ? null : EstreamQueue.OpenReadOnly(source);
        if (other is not null && other.Id != copy.Id)
        {
            return new ReplicaVerification(copy.Directory, 0, 0, copy.OldestPosition(), "") { Difference = copy.OldestPosition() };
        }

        long start = Math.Max(copy.OldestPosition(), other?.OldestPosition() ?? 0);
        using CommittedLogReader copyReader = new(copy, start);
        using CommittedLogReader? otherReader = other is null ? null : new(other, start);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        (long messages, long bytes) = (0, 0);
        long? difference = null;
        while (difference is null && copyReader.TryRead(StepBytes, out LogRange range))
        {
            (messages, bytes) = (messages + range.Run.Count, bytes + range.Frames.Length);
            Append(hash, range);
            difference = otherReader is null || HasSame(other!, range) ? null : range.Position;
        }

        long missing = difference is null && other is not null ? CountAfter(other, copyReader.Position) : 0;
        return new ReplicaVerification(
            copy.Directory, messages, bytes, copyReader.Position, Convert.ToHexStringLower(hash.GetHashAndReset()))
        {
            Difference = difference,
            MissingMessages = missing,
        };
    }

    private static bool HasSame(EstreamQueue queue, in LogRange range) =>
        range.Position + range.Frames.Length <= queue.EndPosition() + FrameLayout.HeaderBytes
        && LogCopy.Has(queue, range.Segment, range.Position, range.Frames);

    private static long CountAfter(EstreamQueue queue, long position)
    {
        using CommittedLogReader reader = new(queue, position);
        long count = 0;
        while (reader.TryRead(StepBytes, out LogRange range))
        {
            count += range.Run.Count;
        }

        return count;
    }

    // The digest must not depend on how the log is cut into runs, so positions are hashed per segment only.
    private static void Append(IncrementalHash hash, in LogRange range)
    {
        if (range.Position % range.Segment.SegmentBytes == SegmentLayout.HeaderBytes)
        {
            Span<byte> head = stackalloc byte[3 * sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(head, range.Position);
            BinaryPrimitives.WriteInt64LittleEndian(head[8..], range.Segment.FirstSequence);
            BinaryPrimitives.WriteInt64LittleEndian(head[16..], range.Segment.BaseTime);
            hash.AppendData(head);
        }

        hash.AppendData(range.Frames);
    }
}

/// <summary>How far a queue on this machine is replicated.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="IsReplicated">Whether the queue is the source or a copy of a replication.</param>
/// <param name="Epoch">The epoch of the stream.</param>
/// <param name="Position">The position up to which a majority of the brokers has the log.</param>
/// <param name="EndPosition">The end of the log.</param>
public sealed record ReplicaReport(string Directory, bool IsReplicated, long Epoch, long Position, long EndPosition)
{
    /// <summary>The offset of the newest entry of the stream that was read; -1 if none was.</summary>
    public long StreamOffset { get; init; }

    /// <summary>Messages after <see cref="Position"/>.</summary>
    public long LagMessages { get; init; }

    /// <summary>Bytes of log after <see cref="Position"/>.</summary>
    public long LagBytes { get; init; }
}

/// <summary>The state of a replicated map on this machine.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="IsReplicated">Whether the map is the source or a replica.</param>
/// <param name="IsOwner">Whether the map is the source.</param>
public sealed record MapReport(string Directory, bool IsReplicated, bool IsOwner)
{
    /// <summary>The name of the owner; empty if it is not known.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Of a replica, the time up to which it has all changes, by the clock of the owner, in nanoseconds since 1970 UTC; otherwise
    /// 0.</summary>
    public long AsOf { get; init; }

    /// <summary>False while entries of a new replica are missing.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The number of entries.</summary>
    public long Entries { get; init; }
}

/// <summary>The result of a comparison.</summary>
/// <param name="Directory">The directory of the copy.</param>
/// <param name="Messages">Messages that were checked.</param>
/// <param name="Bytes">Bytes of frames that were checked.</param>
/// <param name="EndPosition">The position up to which the copy was checked.</param>
/// <param name="Digest">SHA-256 of the checked headers and frames, in hexadecimal digits.</param>
public sealed record ReplicaVerification(string Directory, long Messages, long Bytes, long EndPosition, string Digest)
{
    /// <summary>The position of the first run of frames, of at most 1 MiB, that differs from the source; null if all are equal.</summary>
    public long? Difference { get; init; }

    /// <summary>Messages of the source after the end of the copy.</summary>
    public long MissingMessages { get; init; }

    /// <summary>Whether the copy equals its source, as far as the copy goes.</summary>
    public bool IsEqual => Difference is null;
}
