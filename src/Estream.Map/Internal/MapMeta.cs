using System.Diagnostics;
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

    /// <summary>The number of the current table. Acquire: what the writer stored into that table before it published it is seen after this.</summary>
    public long Generation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _span.ReadInt64Acquire(MetaLayout.Generation);
    }

    public int WriterProcessId => (int)_span.ReadInt64(MetaLayout.WriterProcessId);

    /// <summary>Whether the machine stopped under a writer and the map was not cleared since.</summary>
    public bool HasHostCrashed => _span.ReadInt64Acquire(MetaLayout.HostCrashed) != 0;

    /// <summary>Release: everything in the new table is stored before the word that sends readers there.</summary>
    public void Publish(long generation) => _span.WriteInt64Release(MetaLayout.Generation, generation);

    public long ReadUserWord(int index) => _span.ReadInt64Acquire(MetaLayout.UserWords + (index * sizeof(long)));

    public void WriteUserWord(int index, long value) => _span.WriteInt64Release(MetaLayout.UserWords + (index * sizeof(long)), value);

    /// <summary>Signs the map as the one writer, and notes whether the last one was cut off together with its machine.</summary>
    public void TakeOver(Guid boot)
    {
        ReadOnlySpan<byte> bootId = boot.ToByteArray();
        Span<byte> lastBootId = _span.Span(MetaLayout.BootId, MetaLayout.BootIdBytes);
        if (_span.ReadInt64(MetaLayout.WriterState) == MetaLayout.StateOpen && !lastBootId.SequenceEqual(bootId))
        {
            _span.WriteInt64(MetaLayout.HostCrashed, 1);
        }

        using Process self = Process.GetCurrentProcess();
        _span.WriteInt64(MetaLayout.WriterProcessId, self.Id);
        _span.WriteInt64(MetaLayout.WriterStartTime, (self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).Ticks * 100);
        _span.WriteInt64(MetaLayout.WriterEpoch, _span.ReadInt64(MetaLayout.WriterEpoch) + 1);

        // Release: a crash after this finds the boot id that goes with the open state.
        bootId.CopyTo(lastBootId);
        _span.WriteInt64Release(MetaLayout.WriterState, MetaLayout.StateOpen);

        // On the device before the first change of the table can be: otherwise a power cut could leave a torn table under the word that
        // says that it was closed.
        Flush();
    }

    /// <summary>The device refused a flush: what it has is no longer what the map is, whoever closes it later.</summary>
    public void NoteLoss() => _span.WriteInt64Release(MetaLayout.HostCrashed, 1);

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
