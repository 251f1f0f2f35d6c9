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

        public Task<IBatchSession> ConnectAsync(long offset, CancellationToken cancellation)
        {
            if (logs.IsDown)
            {
                throw new EstreamStorageException("The brokers are down.", name, StorageFailure.Other);
            }

            bool mustExist = isReader || (isTemporary && offset > 0);
            Stream? stream = mustExist ? logs._streams.GetValueOrDefault(name) : logs._streams.GetOrAdd(name, _ => new Stream());
            return stream is null
                ? throw new EstreamStorageException($"There is no stream '{name}'.", name, StorageFailure.NotFound)
                : Task.FromResult<IBatchSession>(new Session(logs, stream, offset));
        }
    }

    private sealed class Stream
    {
        private readonly List<byte[]> _entries = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _hasEnded;

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

        public (byte[]? Entry, Task Changed) Read(long offset)
        {
            lock (_entries)
            {
                return _hasEnded ? throw new EstreamStorageException("The stream was deleted.", null, StorageFailure.Other)
                    : offset < _entries.Count ? (_entries[(int)offset], Task.CompletedTask)
                    : (null, _changed.Task);
            }
        }

        private void Signal()
        {
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Session(MemoryLogs logs, Stream stream, long offset) : IBatchSession
    {
        private long _next = offset;

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
                (byte[]? entry, Task changed) = stream.Read(_next);
                if (entry is not null)
                {
                    byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(entry.Length);
                    entry.CopyTo(buffer, 0);
                    return new BatchEntry(_next++, buffer, entry.Length);
                }

                await changed.WaitAsync(cancellation);
            }
        }

        public ValueTask DisposeAsync() => default;
    }
}
