using System.Buffers.Binary;
using System.Numerics;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using FASTER.core;

namespace Estream.Scenarios.Peers;

/// <summary>
/// A FasterLog on a device in the data directory: pages of 4 MiB, no checksum, and as much memory as a scenario asks for. `append` needs
/// no durability, so nothing is committed while a round is timed; the log writes its full pages to the device meanwhile.
/// </summary>
internal sealed class BenchFasterLog : IDisposable
{
    private const long PageBytes = 1L << 22;

    private readonly FasterLogSettings _settings;

    public BenchFasterLog(ContenderContext context, long memoryBytes)
    {
        _settings = new FasterLogSettings
        {
            // Shared memory does not support unbuffered files.
            LogDevice = Devices.CreateLogDevice(
                Path.Combine(context.Directory, "faster.log"), deleteOnClose: true, disableFileBuffering: false),
            LogCommitDir = context.Directory,
            PageSize = Math.Min(PageBytes, memoryBytes / 4),
            MemorySize = memoryBytes,
            SegmentSize = new LogWorkload(context.Size).SegmentBytes,
            LogChecksum = LogChecksumType.None,
        };
        Log = new FasterLog(_settings);
    }

    public FasterLog Log { get; }

    public void Dispose()
    {
        Log.Dispose();
        _settings.LogDevice.Dispose();
        _settings.Dispose();
    }

    /// <summary>Returns the stamp of the entry at an address, read back from the log.</summary>
    public ulong StampAt(long address)
    {
        Log.Commit(spinWait: true);
        using FasterLogScanIterator entries = Log.Scan(address, Log.TailAddress, recover: false);
        return entries.GetNext(out byte[] entry, out _, out _)
            ? BinaryPrimitives.ReadUInt64LittleEndian(entry)
            : throw new ScenarioException($"FasterLog: the entry appended at {address} cannot be read back");
    }
}

/// <summary>
/// The <c>faster-log</c> row of `append`: <see cref="FasterLog.Enqueue(ReadOnlySpan{byte})"/> by one thread. As in the other rows, four
/// segments are in memory, and older ones are truncated.
/// </summary>
internal sealed class FasterLogAppendContender : Batches
{
    private readonly BenchFasterLog _log;
    private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
    private readonly long _segmentBytes;
    private readonly long _retainedBytes;
    private ulong _stamp;
    private long _lastAddress;
    private long _nextTruncation;

    public FasterLogAppendContender(ContenderContext context)
        : base(new LogWorkload(context.Size).AppendedMessages, LogWorkload.BatchMessages)
    {
        var workload = new LogWorkload(context.Size);
        _segmentBytes = workload.SegmentBytes;
        _retainedBytes = workload.SegmentBytes * workload.RetainedSegments;
        _nextTruncation = _retainedBytes + _segmentBytes;
        _log = new BenchFasterLog(context, _retainedBytes);
    }

    public override void Dispose() => _log.Dispose();

    // Pool threads write pages to the device.
    protected override bool HasHelpers => true;

    protected override void Batch(int count)
    {
        FasterLog log = _log.Log;
        Span<byte> source = _source;
        ulong stamp = _stamp;
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(source, stamp++);
            _lastAddress = log.Enqueue(source);
        }

        _stamp = stamp;
        if (_lastAddress >= _nextTruncation)
        {
            log.TruncateUntilPageStart(_lastAddress - _retainedBytes);
            _nextTruncation = _lastAddress + _segmentBytes;
        }
    }

    protected override ulong CheckOfRound() => _log.StampAt(_lastAddress);
}

/// <summary>
/// The <c>faster-log</c> row of `read`: all entries are committed and in memory, and a consumer reads each in place, without a copy.
/// </summary>
internal sealed class FasterLogReadContender : Batches
{
    private readonly BenchFasterLog _log;
    private readonly Sums _sums = new();
    private FasterLogScanIterator _entries;

    public FasterLogReadContender(ContenderContext context)
        : base(new LogWorkload(context.Size).ReadMessages, LogWorkload.BatchMessages)
    {
        var workload = new LogWorkload(context.Size);

        // One and a half times the payload is more than all entries with their headers.
        ulong bytes = (ulong)workload.StoredMessages * LogWorkload.PayloadBytes * 3 / 2;
        _log = new BenchFasterLog(context, (long)BitOperations.RoundUpToPowerOf2(bytes));
        Span<byte> payload = stackalloc byte[LogWorkload.PayloadBytes];
        for (long i = 0; i < workload.StoredMessages; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(payload, i);
            BinaryPrimitives.WriteInt64LittleEndian(payload[^sizeof(long)..], i);
            _log.Log.Enqueue(payload);
        }

        _log.Log.Commit(spinWait: true);
        _entries = Scan();
    }

    public override void Dispose()
    {
        _entries.Dispose();
        _log.Dispose();
    }

    protected override void BeforeRound() => _sums.Total = 0;

    protected override void Batch(int count)
    {
        Consumer consumer = new(_sums);
        for (int i = 0; i < count; i++)
        {
            if (!_entries.TryConsumeNext(consumer))
            {
                _entries.Dispose();
                _entries = Scan();
                i--;
            }
        }
    }

    protected override ulong CheckOfRound() => _sums.Total;

    private FasterLogScanIterator Scan() => _log.Log.Scan(_log.Log.BeginAddress, _log.Log.CommittedUntilAddress, recover: false);

    private sealed class Sums
    {
        public ulong Total { get; set; }
    }

    /// <summary>Consumes entries. A struct, so that the call for each entry is inlined.</summary>
    private readonly struct Consumer(Sums sums) : ILogEntryConsumer
    {
        public void Consume(ReadOnlySpan<byte> entry, long currentAddress, long nextAddress) =>
            sums.Total += BinaryPrimitives.ReadUInt64LittleEndian(entry) + BinaryPrimitives.ReadUInt64LittleEndian(entry[^sizeof(ulong)..]);
    }
}
