using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The right to append: a kernel lock on writer.lock, which ends with its process. One exclusive appender holds it exclusively, shared
/// appenders hold it together. Process id, start time and epoch in queue.meta name the exclusive holder for diagnostics.
/// </summary>
internal sealed class WriterLease : IDisposable
{
    // Shared appenders retry: the first one creates the file and locks it exclusively for a moment.
    private const int SharedAttempts = 400;

    // A few tenths of a second: a process that checks whether an exclusive appender lives holds the lock for two system calls, and may be
    // preempted between them.
    private const int AloneAttempts = 400;

    // About 10 s. Applies while only inspecting processes hold the lock, because such a process may be suspended.
    private const int InspectedAttempts = 10_000;

    private readonly IDisposable _lock;
    private readonly MemoryRegion _metadata;
    private readonly bool _isExclusive;

    private WriterLease(IDisposable held, MemoryRegion metadata, bool isExclusive)
    {
        _lock = held;
        _metadata = metadata;
        _isExclusive = isExclusive;
    }

    /// <exception cref="EstreamLeaseException">Another process holds the lease.</exception>
    public static WriterLease Take(QueueFiles files, AppenderMode mode, QueueOptions options)
    {
        bool isExclusive = mode == AppenderMode.Exclusive;
        IDisposable held = (isExclusive ? TryTakeAlone(files) : TryShare(files)) ?? throw IsTaken(files);
        MemoryRegion? metadata = null;
        try
        {
            metadata = files.Storage.OpenRegion(files.MetadataPath, RegionAccess.ReadWrite);
            RegionSpan memory = metadata.All;

            // The version is stored before any data of this version, so that a release which does not know the version refuses the queue.
            int version = Math.Max(memory.ReadInt32(MetadataLayout.VersionOffset), MetadataLayout.VersionWithEqualSegments);
            memory.WriteInt32Release(MetadataLayout.VersionOffset, version);
            if (isExclusive)
            {
                memory.WriteInt64(MetadataLayout.WriterStartOffset, ProcessIdentity.OwnStartUtcNanos);
                memory.WriteInt64(MetadataLayout.WriterEpochOffset, memory.ReadInt64(MetadataLayout.WriterEpochOffset) + 1);
            }

            RetentionLimits.Of(options).Write(memory);
            memory.WriteInt32(MetadataLayout.IngressDurabilityOffset, (int)options.IngressDurability.Level);
            memory.WriteInt32Release(MetadataLayout.WriterProcessOffset, isExclusive ? Environment.ProcessId : 0);
            return new WriterLease(held, metadata, isExclusive);
        }
        catch
        {
            metadata?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Whether the lease is held exclusively. A process that tries to take it at this moment has to retry.</summary>
    public static bool IsHeldAlone(QueueFiles files)
    {
        if (!files.Storage.FileExists(files.LockPath))
        {
            return false;
        }

        using IDisposable? free = files.Storage.TryLock(files.LockPath, LockMode.Shared);
        return free is null;
    }

    /// <summary>The process that holds the lease exclusively, 0 if there is none.</summary>
    public static int ReadOwner(QueueFiles files)
    {
        using MemoryRegion metadata = files.Storage.OpenRegion(files.MetadataPath, RegionAccess.ReadOnly);
        return metadata.All.ReadInt32Acquire(MetadataLayout.WriterProcessOffset);
    }

    public void Dispose()
    {
        if (_isExclusive)
        {
            _metadata.All.WriteInt32Release(MetadataLayout.WriterProcessOffset, 0);
        }

        _metadata.Dispose();
        _lock.Dispose();
    }

    private static IDisposable? TryTakeAlone(QueueFiles files)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < AloneAttempts || (attempt < InspectedAttempts && !HasAppender(files)); attempt++)
        {
            if (files.Storage.TryLock(files.LockPath, LockMode.Exclusive) is { } held)
            {
                return held;
            }

            idle.Idle(0);
        }

        return null;
    }

    // Shared appenders and processes that inspect the queue share the same lock, but only appenders have a writer slot.
    // Returns true if the writer table is damaged, because an appender may then exist.
    private static bool HasAppender(QueueFiles files)
    {
        try
        {
            return IsHeldAlone(files) || UsageInspector.SharedAppenders(files).Count > 0;
        }
        catch (Exception e) when (e is EstreamCorruptionException or EstreamFormatException)
        {
            return true;
        }
    }

    private static IDisposable? TryShare(QueueFiles files)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < SharedAttempts; attempt++)
        {
            if (!files.Storage.FileExists(files.LockPath))
            {
                files.Storage.TryLock(files.LockPath, LockMode.Exclusive)?.Dispose();
            }

            if (files.Storage.TryLock(files.LockPath, LockMode.Shared) is { } held)
            {
                return held;
            }

            if (ReadOwner(files) != 0)
            {
                break;
            }

            idle.Idle(0);
        }

        return null;
    }

    private static EstreamLeaseException IsTaken(QueueFiles files)
    {
        int owner = ReadOwner(files);
        return new EstreamLeaseException(
            $"The queue '{files.Directory}' already has {(owner == 0 ? "appenders" : $"an exclusive appender in process {owner}")}. "
            + "Dispose that appender or end that process, or use AppenderMode.Shared on both sides; reading needs no lease.",
                files.LockPath, owner);
    }
}
