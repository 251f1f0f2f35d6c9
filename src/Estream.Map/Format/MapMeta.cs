using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The words of map.meta that change: which table is the current one, who writes, what the user keeps there.</summary>
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

    /// <summary>Which table is the current one, see <see cref="MapState"/>. Acquire: what the writer stored before it is seen after
    /// this.</summary>
    public long State => _span.ReadInt64Acquire(MetaLayout.State);

    public int WriterProcessId => (int)_span.ReadInt64(MetaLayout.WriterProcessId);

    /// <summary>Whether the machine stopped under a writer and the map was not cleared since.</summary>
    public bool HasHostCrashed => _span.ReadInt64Acquire(MetaLayout.HostCrashed) != 0;

    public long Takeovers => _span.ReadInt64Acquire(MetaLayout.Takeovers);

    /// <summary>Acquire, like the lock of a stripe: no version at or below this is given any more.</summary>
    public long VersionFloor => _span.ReadInt64Acquire(MetaLayout.VersionFloor);

    /// <summary>Whether there may be entries with an expiry.</summary>
    public bool HasExpiring => _span.ReadInt64Acquire(MetaLayout.HasExpiring) != 0;

    /// <summary>Whether the map has a feed: every writer must have it then.</summary>
    public bool HasFeed
    {
        get => _span.ReadInt64Acquire(MetaLayout.HasFeed) != 0;
        set => _span.WriteInt64Release(MetaLayout.HasFeed, value ? 1 : 0);
    }

    /// <summary>Whether there may be logs of batches.</summary>
    public bool HasBatches => (_span.ReadInt32Acquire(MetaLayout.Features) & MetaLayout.FeatureBatches) != 0;

    /// <summary>How many times somebody who was alone has opened the map for writing.</summary>
    public long WriterEpoch => _span.ReadInt64(MetaLayout.WriterEpoch);

    public void NoteExpiring() => _span.WriteInt64Release(MetaLayout.HasExpiring, 1);

    public void RaiseVersionFloor(long floor) => _span.WriteInt64Release(MetaLayout.VersionFloor, Math.Max(floor, VersionFloor));

    /// <summary>The number of a run of buckets that nobody else looks through now, one after the other.</summary>
    public long NextRun() => _span.AddInt64(MetaLayout.SweptRuns, 1) & long.MaxValue;

    /// <summary>How many logs of batches there have been, acquire.</summary>
    public long LogsMade => _span.ReadInt64Acquire(MetaLayout.LogsMade);

    /// <summary>Says that there is another log, before the first batch is committed from it.</summary>
    public void NoteLogMade() => _span.AddInt64(MetaLayout.LogsMade, 1);

    /// <summary>The generation of the table that is leased to readers; 0: none. Acquire.</summary>
    public long LeasedTable => _span.ReadInt64Acquire(MetaLayout.LeasedTable);

    /// <summary>Leases another table, or none. A full fence.</summary>
    /// <returns>The one that was lent before.</returns>
    public long ExchangeLeased(long generation) => _span.ExchangeInt64(MetaLayout.LeasedTable, generation);

    /// <summary>Ends the lending of a table, a full fence; not if it is not the one that is lent.</summary>
    public bool TryEndLease(long generation) => _span.CompareExchangeInt64(MetaLayout.LeasedTable, 0, generation) == generation;

    /// <summary>Whether a table is lent; a full fence, so that what was stored before is seen by who ends the lending behind
    /// this.</summary>
    public bool IsLeased(long generation) => _span.AddInt64(MetaLayout.LeasedTable, 0) == generation;

    public void CountTakeover() => _span.AddInt64(MetaLayout.Takeovers, 1);

    /// <summary>Release: everything in the new table is stored before the word that sends readers there.</summary>
    public void Publish(long state) => _span.WriteInt64Release(MetaLayout.State, state);

    /// <summary>Takes over what an older map keeps there: the writer's words, whether the machine stopped, the user's words.</summary>
    public void CopyWordsFrom(MapMeta older)
    {
        const int First = MetaLayout.WriterProcessId;
        const int Bytes = MetaLayout.UserWords + (MetaLayout.UserWordCount * sizeof(long)) - First;
        older._span.ReadOnlySpan(First, Bytes).CopyTo(_span.Span(First, Bytes));
    }

    /// <summary>
    /// Whether the last writer was cut off together with its machine, or left the map to a machine that was to keep it and had refused a
    /// part: of that, too, the pages on the device are of different moments.
    /// </summary>
    public bool WasCutOff(Guid boot) => (_span.ReadInt64(MetaLayout.WriterState) == MetaLayout.StateOpen || HasHostCrashed)
        && !IsOf(boot);

    /// <summary>Whether the last writer signed the map since the machine started: files that nobody flushes are whole then.</summary>
    public bool IsOf(Guid boot) => new Guid(_span.ReadOnlySpan(MetaLayout.BootId, MetaLayout.BootIdBytes)) == boot;

    public long ReadUserWord(int index) => _span.ReadInt64Acquire(MetaLayout.UserWords + (index * sizeof(long)));

    public void WriteUserWord(int index, long value) => _span.WriteInt64Release(MetaLayout.UserWords + (index * sizeof(long)), value);

    /// <summary>Signs the map as the one writer, and notes whether the last one was cut off together with its machine.</summary>
    public void TakeOver(Guid boot)
    {
        if (WasCutOff(boot))
        {
            _span.WriteInt64(MetaLayout.HostCrashed, 1);
        }

        _span.WriteInt64(MetaLayout.WriterProcessId, Environment.ProcessId);
        _span.WriteInt64(MetaLayout.WriterStartTime, ProcessIdentity.OwnStartUtcNanos);
        _span.WriteInt64(MetaLayout.WriterEpoch, _span.ReadInt64(MetaLayout.WriterEpoch) + 1);

        // Before the id: a reader that finds the id relies on what this opening says of logs and leases, not on an earlier boot.
        Volatile.WriteBarrier();

        // Release: a crash after this finds the boot id that goes with the open state.
        boot.TryWriteBytes(_span.Span(MetaLayout.BootId, MetaLayout.BootIdBytes));
        _span.WriteInt64Release(MetaLayout.WriterState, MetaLayout.StateOpen);

        // On the device before the first change of the table can be: otherwise a power cut could leave a torn table under the word that
        // says that it was closed.
        Flush();
    }

    /// <summary>The device refused a flush: what it has is no longer what the map is, whoever closes it later.</summary>
    /// <remarks>Another word each time: what was refused was given up as if it were written, and only a page that changes behind that is
    /// written by the next flush.</remarks>
    public void NoteLoss() => _span.AddInt64(MetaLayout.HostCrashed, 1);

    /// <summary>The same of a flush of a table that the map was moving to.</summary>
    public void NoteRefused(long table)
    {
        _span.WriteInt64Release(MetaLayout.RefusedTable, table);
        NoteLoss();
    }

    /// <summary>Whether a flush of this table was refused, so that those behind it do not vouch for what was moved there.</summary>
    public bool WasRefused(long table) => _span.ReadInt64Acquire(MetaLayout.RefusedTable) == table;

    public void ForgetHostCrash() => _span.WriteInt64Release(MetaLayout.HostCrashed, 0);

    /// <summary>Says that everything is on the device; call after flushing the table.</summary>
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
