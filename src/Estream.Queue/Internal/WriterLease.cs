using System.Diagnostics;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The right to append: the kernel's lock on writer.lock, which ends with its owner however that ends. Process id, start time and
/// epoch in queue.meta tell people who has it.
/// </summary>
internal sealed class WriterLease : IDisposable
{
    private readonly IDisposable _lock;
    private readonly MemoryRegion _metadata;

    private WriterLease(IDisposable held, MemoryRegion metadata)
    {
        _lock = held;
        _metadata = metadata;
    }

    /// <exception cref="EstreamLeaseException">Somebody else has it.</exception>
    public static WriterLease Take(QueueFiles files)
    {
        IDisposable? held = files.Storage.TryLock(files.LockPath, LockMode.Exclusive);
        if (held is null)
        {
            int owner = ReadOwner(files);
            throw new EstreamLeaseException(
                $"The queue '{files.Directory}' already has an appender{(owner == 0 ? string.Empty : $" in process {owner}")}. "
                + "Dispose that appender or end that process; reading needs no lease.", files.LockPath, owner);
        }

        MemoryRegion? metadata = null;
        try
        {
            metadata = files.Storage.OpenRegion(files.MetadataPath, RegionAccess.ReadWrite);
            RegionSpan memory = metadata.All;
            using Process self = Process.GetCurrentProcess();
            memory.WriteInt64(MetadataLayout.WriterStartOffset, (self.StartTime.ToUniversalTime().Ticks - DateTime.UnixEpoch.Ticks) * 100);
            memory.WriteInt64(MetadataLayout.WriterEpochOffset, memory.ReadInt64(MetadataLayout.WriterEpochOffset) + 1);
            memory.WriteInt32Release(MetadataLayout.WriterProcessOffset, Environment.ProcessId);
            return new WriterLease(held, metadata);
        }
        catch
        {
            metadata?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>The process that holds the lease, 0 when none does.</summary>
    public static int ReadOwner(QueueFiles files)
    {
        using MemoryRegion metadata = files.Storage.OpenRegion(files.MetadataPath, RegionAccess.ReadOnly);
        return metadata.All.ReadInt32Acquire(MetadataLayout.WriterProcessOffset);
    }

    public void Dispose()
    {
        _metadata.All.WriteInt32Release(MetadataLayout.WriterProcessOffset, 0);
        _metadata.Dispose();
        _lock.Dispose();
    }
}
