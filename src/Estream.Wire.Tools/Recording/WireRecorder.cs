using System.Globalization;
using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Tools.Recording;

/// <summary>Appends the events on connections to a queue, in their order. Thread-safe.</summary>
internal sealed class WireRecorder : IDisposable
{
    private const long SegmentBytes = 4L << 20;

    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly IClock _clock;
    private readonly long _maxBytes;
    private readonly long _start;
    private long _length;
    private int _connections;
    private long _chunks;
    private long _fromClients;
    private long _fromServers;

    private WireRecorder(EstreamQueue queue, long maxBytes, IClock clock)
    {
        _queue = queue;
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        _maxBytes = maxBytes;
        _clock = clock;
        _start = clock.MonotonicNanos;
    }

    /// <summary>Creates a recording in a new or empty directory. Only the owner of the directory has access, because the recording contains
    /// the sent messages.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="maxBytes">The maximum length of the recording.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="keys">The master keys for encryption; null for none. The caller keeps their ownership.</param>
    /// <exception cref="WireToolException">The directory is not empty.</exception>
    public static WireRecorder Create(string directory, long maxBytes, IClock clock, QueueKeyRing? keys)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new WireToolException($"the directory '{directory}' is not empty: record into a new or empty directory");
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new WireRecorder(EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = SegmentBytes, Keys = keys }), maxBytes,
            clock);
    }

    /// <summary>A summary line.</summary>
    public string Summary
    {
        get
        {
            lock (_lock)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"recorded {_connections} connections: {_fromClients} bytes from clients, {_fromServers} from servers, in {_chunks} "
                    + $"chunks");
            }
        }
    }

    /// <summary>Records a new connection.</summary>
    /// <returns>The number of the connection; null if the recording has its maximum length.</returns>
    public int? TryOpen()
    {
        lock (_lock)
        {
            int number = _connections + 1;
            if (!TryAppend(WireChunkKind.Open, WireSide.Client, number, []))
            {
                return null;
            }

            _connections = number;
            return number;
        }
    }

    /// <summary>Appends an event.</summary>
    /// <returns>False if the recording has its maximum length; nothing was appended.</returns>
    /// <exception cref="EstreamStorageException">The queue cannot be written.</exception>
    public bool TryAppend(WireChunkKind kind, WireSide from, int connection, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            int length = WireChunk.HeadBytes + bytes.Length;
            if (_length + length > _maxBytes)
            {
                return false;
            }

            using AppendClaim claim = _appender.Claim(length);
            new WireChunk(kind, from, connection, _clock.MonotonicNanos - _start).Write(claim.Span);
            bytes.CopyTo(claim.Span[WireChunk.HeadBytes..]);
            claim.Commit(length);
            _length += length;
            _chunks++;
            _fromClients += from == WireSide.Client ? bytes.Length : 0;
            _fromServers += from == WireSide.Server ? bytes.Length : 0;
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _appender.Dispose();
            _queue.Dispose();
        }
    }
}
