using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The words of map.meta that change: the current table, the writer, and the user metadata.</summary>
internal sealed class MapMeta : IDisposable
{
    private readonly MemoryRegion _region;
    private RegionSpan _span;

    public MapMeta(MemoryRegion region)
    {
        _region = region;
        _span = region.All;
    }

    public RegionSpan Span => _span;

    public ulong HashSeed => (ulong)_span.ReadInt64(MetaLayout.HashSeed);

    public int Version => _span.ReadInt32(MetaLayout.Version);

    public long CreatedTime => _span.ReadInt64(MetaLayout.CreatedTime);

    /// <summary>
    /// The current table; see <see cref="MapState"/>. Acquire: everything that the writer stored before the word is visible after this
    /// load.
    /// </summary>
    public long State => _span.ReadInt64Acquire(MetaLayout.State);

    public int WriterProcessId => (int)_span.ReadInt64(MetaLayout.WriterProcessId);

    /// <summary>Whether the machine stopped under a writer, or the device refused a flush, and the map was not cleared since.</summary>
    public bool HasHostCrashed => _span.ReadInt64Acquire(MetaLayout.HostCrashed) != 0;

    public long Takeovers => _span.ReadInt64Acquire(MetaLayout.Takeovers);

    /// <summary>No version up to this one is assigned any more. Acquire, like the lock of a stripe.</summary>
    public long VersionFloor => _span.ReadInt64Acquire(MetaLayout.VersionFloor);

    /// <summary>Whether there may be entries with an expiry.</summary>
    public bool HasExpiring => _span.ReadInt64Acquire(MetaLayout.HasExpiring) != 0;

    /// <summary>Whether the map has a change feed, so that a writer without a feed must not write.</summary>
    public bool HasFeed
    {
        get => _span.ReadInt64Acquire(MetaLayout.HasFeed) != 0;
        set => _span.WriteInt64Release(MetaLayout.HasFeed, value ? 1 : 0);
    }

    /// <summary>Whether batch logs may exist.</summary>
    public bool HasBatches => (_span.ReadInt32Acquire(MetaLayout.Features) & MetaLayout.FeatureBatches) != 0;

    /// <summary>The number of times that a process without other writers has opened the map for writing.</summary>
    public long WriterEpoch => _span.ReadInt64(MetaLayout.WriterEpoch);

    public void NoteExpiring() => _span.WriteInt64Release(MetaLayout.HasExpiring, 1);

    public void RaiseVersionFloor(long floor) => _span.WriteInt64Release(MetaLayout.VersionFloor, Math.Max(floor, VersionFloor));

    /// <summary>
    /// Returns the number of the next run of buckets to search for expired entries. Atomic, so concurrent callers get different runs.
    /// </summary>
    public long NextRun() => _span.AddInt64(MetaLayout.SweptRuns, 1) & long.MaxValue;

    /// <summary>The number of announced batch logs. Acquire.</summary>
    public long LogsMade => _span.ReadInt64Acquire(MetaLayout.LogsMade);

    /// <summary>Announces another batch log, before the first batch is committed from it.</summary>
    public void NoteLogMade() => _span.AddInt64(MetaLayout.LogsMade, 1);

    /// <summary>The generation of the table that is leased to readers; 0: none. Acquire.</summary>
    public long LeasedTable => _span.ReadInt64Acquire(MetaLayout.LeasedTable);

    /// <summary>Leases another table, or none. A full fence.</summary>
    /// <returns>The table that was leased before; 0: none.</returns>
    public long ExchangeLeased(long generation) => _span.ExchangeInt64(MetaLayout.LeasedTable, generation);

    /// <summary>Ends the lease of a table, unless another table or none is leased. A full fence.</summary>
    public bool TryEndLease(long generation) => _span.CompareExchangeInt64(MetaLayout.LeasedTable, 0, generation) == generation;

    /// <summary>
    /// Whether a table is leased. A full fence: a process that ends the lease after this call sees everything that was stored before it.
    /// </summary>
    public bool IsLeased(long generation) => _span.AddInt64(MetaLayout.LeasedTable, 0) == generation;

    public void CountTakeover() => _span.AddInt64(MetaLayout.Takeovers, 1);

    /// <summary>Release: everything in the new table is stored before the word that directs readers there.</summary>
    public void Publish(long state) => _span.WriteInt64Release(MetaLayout.State, state);

    /// <summary>Copies the words of an older map: the writer, the crash state, and the user metadata.</summary>
    public void CopyWordsFrom(MapMeta older)
    {
        const int First = MetaLayout.WriterProcessId;
        const int Bytes = MetaLayout.UserWords + (MetaLayout.UserWordCount * sizeof(long)) - First;
        older._span.ReadOnlySpan(First, Bytes).CopyTo(_span.Span(First, Bytes));
    }

    /// <summary>
    /// Whether the machine restarted after the last writer, and the device may have pages of different moments, because the writer had not
    /// closed the map or <see cref="HasHostCrashed"/> was set, as after a refused flush.
    /// </summary>
    public bool WasCutOff(Guid boot) => (_span.ReadInt64(MetaLayout.WriterState) == MetaLayout.StateOpen || HasHostCrashed)
        && !IsOf(boot);

    /// <summary>Whether the last writer opened the map since the machine started. The files are then intact even without a flush.</summary>
    public bool IsOf(Guid boot) => new Guid(_span.ReadOnlySpan(MetaLayout.BootId, MetaLayout.BootIdBytes)) == boot;

    public long ReadUserWord(int index) => _span.ReadInt64Acquire(MetaLayout.UserWords + (index * sizeof(long)));

    public void WriteUserWord(int index, long value) => _span.WriteInt64Release(MetaLayout.UserWords + (index * sizeof(long)), value);

    /// <summary>
    /// Records this process as the writer that has exclusive access, and the result of <see cref="WasCutOff"/> for the last writer.
    /// </summary>
    public void TakeOver(Guid boot)
    {
        if (WasCutOff(boot))
        {
            _span.WriteInt64(MetaLayout.HostCrashed, 1);
        }

        _span.WriteInt64(MetaLayout.WriterProcessId, Environment.ProcessId);
        _span.WriteInt64(MetaLayout.WriterStartTime, ProcessIdentity.OwnStartUtcNanos);
        _span.WriteInt64(MetaLayout.WriterEpoch, _span.ReadInt64(MetaLayout.WriterEpoch) + 1);

        // Stored before the boot id: a reader that finds the id relies on logs and leases of this opening, not of an earlier boot.
        Volatile.WriteBarrier();

        // Release: a crash after this store leaves the boot id that belongs to the open state.
        boot.TryWriteBytes(_span.Span(MetaLayout.BootId, MetaLayout.BootIdBytes));
        _span.WriteInt64Release(MetaLayout.WriterState, MetaLayout.StateOpen);

        // The open state must be durable before any change of the table can be: otherwise a power cut could leave a torn table in a map
        // that is marked as closed.
        Flush();
    }

    /// <summary>Records that the device refused a flush, so the files on it may differ from the map, even after a later close.</summary>
    /// <remarks>Changes the word each time. The kernel treats refused pages as written, so the next flush writes only pages that change
    /// after that.</remarks>
    public void NoteLoss() => _span.AddInt64(MetaLayout.HostCrashed, 1);

    /// <summary>Records that the device refused a flush of the table to which the map migrates.</summary>
    public void NoteRefused(long table)
    {
        _span.WriteInt64Release(MetaLayout.RefusedTable, table);
        NoteLoss();
    }

    /// <summary>
    /// Whether a flush of this table was refused, so that a later flush does not prove that the migrated entries are durable.
    /// </summary>
    public bool WasRefused(long table) => _span.ReadInt64Acquire(MetaLayout.RefusedTable) == table;

    public void ForgetHostCrash() => _span.WriteInt64Release(MetaLayout.HostCrashed, 0);

    /// <summary>Records that everything is durable. Call it after flushing the table.</summary>
    public void SignOff()
    {
        _span.WriteInt64Release(MetaLayout.WriterState, MetaLayout.StateClosed);
        Flush();
    }

    public void Flush() => _region.Flush(0, _region.Length);

    public void Dispose()
    {
        _span = default;
        _region.Dispose();
    }
}
