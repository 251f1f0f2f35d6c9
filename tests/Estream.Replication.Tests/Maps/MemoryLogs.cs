using System.Collections.Concurrent;
using Estream.Core;
using Estream.Replication.Internal;

namespace Estream.Replication.Tests.Maps;

/// <summary>The streams of maps in memory, which accept nothing while <see cref="IsDown"/>.</summary>
internal sealed class MemoryLogs : IMapLogs
{
    private readonly ConcurrentDictionary<string, Stream> _streams = new();

    public volatile bool IsDown;

    /// <summary>How long the streams take to store an entry.</summary>
    public TimeSpan StoreTime { get; init; }

    public string[] Names => [.. _streams.Keys];

    /// <summary>The names of the streams that are change feeds.</summary>
    public IEnumerable<string> Feeds => Names.Where(name => name.Count(c => c == '/') == 2);

    public IBatchLog OpenIndex(string name, bool isReader) => new Log(this, name, isReader, isTemporary: false);

    public IBatchLog OpenFeed(string name, bool isReader) => new Log(this, name, isReader, isTemporary: true);

    /// <summary>Makes a stream lose its newest entries, or all of them, as a power cut of all brokers does. Ends its sessions.</summary>
    public void LoseEnd(string name, int entries = int.MaxValue) => _streams[name].LoseEnd(entries);

    /// <summary>Deletes the oldest entries of a stream, as its retention does.</summary>
    public void Trim(string name, int kept) => _streams[name].Trim(kept);

    /// <summary>The number of entries that a stream has.</summary>
    public int Count(string name) => _streams[name].Count;

    public Task DeleteAsync(string name)
    {
        if (_streams.TryRemove(name, out Stream? stream))
        {
            stream.End();
        }

        return Task.CompletedTask;
    }

    private sealed class Log(MemoryLogs logs, string name, bool isReader, bool isTemporary) : IBatchLog
    {
        public string Name => name;

        public Task<IBatchSession> ConnectAsync(long known, CancellationToken cancellation)
        {
            if (logs.IsDown)
            {
                throw new EstreamStorageException("The brokers are down.", name, StorageFailure.Other);
            }

            bool mustExist = isReader || (isTemporary && known >= 0);
            Stream? stream = mustExist ? logs._streams.GetValueOrDefault(name) : logs._streams.GetOrAdd(name, _ => new Stream());
            return stream is null
                ? throw new EstreamStorageException($"There is no stream '{name}'.", name, StorageFailure.NotFound)
                : Task.FromResult<IBatchSession>(new Session(logs, stream, known));
        }
    }

    private sealed class Stream
    {
        private readonly List<byte[]> _entries = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _hasEnded;
        private int _life;
        private long _first;

        public int Count
        {
            get
            {
                lock (_entries)
                {
                    return _entries.Count;
                }
            }
        }

        public int Life => _life;

        public long Next
        {
            get
            {
                lock (_entries)
                {
                    return _first + _entries.Count;
                }
            }
        }

        public void LoseEnd(int entries)
        {
            lock (_entries)
            {
                int lost = Math.Min(entries, _entries.Count);
                _entries.RemoveRange(_entries.Count - lost, lost);
                _first = _entries.Count == 0 ? 0 : _first;
                _life++;
                Signal();
            }
        }

        public void Trim(int kept)
        {
            lock (_entries)
            {
                int deleted = Math.Max(0, _entries.Count - kept);
                _entries.RemoveRange(0, deleted);
                _first += deleted;
            }
        }

        public void Add(byte[] entry)
        {
            lock (_entries)
            {
                _entries.Add(entry);
                Signal();
            }
        }

        public void End()
        {
            lock (_entries)
            {
                _hasEnded = true;
                Signal();
            }
        }

        public (byte[]? Entry, long Offset, Task Changed) Read(long offset, int life)
        {
            lock (_entries)
            {
                offset = Math.Max(offset, _first);
                return _hasEnded ? throw new EstreamStorageException("The stream was deleted.", null, StorageFailure.Other)
                    : life != _life ? throw new EstreamStorageException("The brokers have restarted.", null, StorageFailure.Other)
                    : offset < _first + _entries.Count ? (_entries[(int)(offset - _first)], offset, Task.CompletedTask)
                    : (null, offset, _changed.Task);
            }
        }

        private void Signal()
        {
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Session(MemoryLogs logs, Stream stream, long known) : IBatchSession
    {
        private readonly int _life = stream.Life;
        private long _next = known < 0 || known >= stream.Next ? 0 : known;

        public bool IsShort { get; } = known >= stream.Next;

        public async ValueTask PublishAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation)
        {
            if (logs.StoreTime > TimeSpan.Zero)
            {
                await Task.Delay(logs.StoreTime, cancellation);
            }

            if (logs.IsDown)
            {
                throw new EstreamStorageException("The brokers are down.", null, StorageFailure.Other);
            }

            stream.Add(entry.ToArray());
        }

        public async ValueTask<BatchEntry> ReadAsync(CancellationToken cancellation)
        {
            while (true)
            {
                (byte[]? entry, long offset, Task changed) = stream.Read(_next, _life);
                if (entry is not null)
                {
                    byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(entry.Length);
                    entry.CopyTo(buffer, 0);
                    _next = offset + 1;
                    return new BatchEntry(offset, buffer, entry.Length);
                }

                await changed.WaitAsync(cancellation);
            }
        }

        public ValueTask DisposeAsync() => default;
    }
}
