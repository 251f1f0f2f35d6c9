using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Workloads;
using Estream.Streams;

namespace Estream.Scenarios.Harness;

/// <summary>Storage that a <see cref="Holder"/> has open.</summary>
internal interface IHeldStorage : IDisposable
{
    /// <summary>Reads a small part of the storage.</summary>
    void Touch();
}

internal static class HeldStorage
{
    public const string Queue = "queue";
    public const string Queues = "queues";
    public const string Map = "map";
    public const string LatestMap = "latest-map";
    public const string WindowMap = "window-map";
    public const string JoinMap = "join-map";
    public const string ByteMap = "byte-map";
    public const string ByteMapIndex = "byte-map-index";
    public const string Region = "region";

    public static IHeldStorage Open(string kind, string path)
    {
        return kind switch
        {
            Queue => new HeldQueue(path),
            Queues => new NewestQueue(path),
            Map => new HeldMap<ulong, ulong>(path, KeySequence.KeyOf(0)),
            LatestMap => new HeldMap<Utf8Key64, LatestEntry>(path, default),
            WindowMap => new HeldMap<long, Windowed<ulong, ulong>>(path, 0),
            JoinMap => new HeldMap<long, Windowed<ulong, Joined<TimedReading, TimedReading>>>(path, 0),
            ByteMap => new HeldByteMap(path),

            // Only the contender has the keys of an encrypted map.
            ByteMapIndex => new HeldMap<nuint, nuint>(path, 0),
            Region => new HeldRegion(path),
            _ => throw new ScenarioException($"cannot hold a '{kind}'"),
        };
    }

    /// <summary>
    /// A read-only queue that stays open and mapped. Each touch reads the oldest message through a new tailer, because a tailer
    /// that stayed open would keep its segment from being recycled.
    /// </summary>
    private sealed class HeldQueue(string directory) : IHeldStorage
    {
        private readonly EstreamQueue _queue = EstreamQueue.OpenReadOnly(directory);

        public void Touch()
        {
            try
            {
                using QueueTailer tailer = _queue.CreateTailer();
                tailer.TryRead(out _);
            }
            catch (EstreamStorageException)
            {
                // The oldest segment was recycled between listing the directory and the read.
            }
            catch (EstreamKeyException)
            {
                // Only the contender has the keys of an encrypted queue; the queue is mapped and held anyway.
            }
        }

        public void Dispose() => _queue.Dispose();
    }

    /// <summary>The newest of several queues that are created and deleted, each in a subdirectory of one directory.</summary>
    private sealed class NewestQueue(string parent) : IHeldStorage
    {
        private string? _directory;
        private HeldQueue? _queue;

        public void Touch()
        {
            try
            {
                string? newest = Directory.EnumerateDirectories(parent).Max(StringComparer.Ordinal);
                if (newest is not null && newest != _directory)
                {
                    _queue?.Dispose();
                    _queue = null;
                    _queue = new HeldQueue(newest);
                    _directory = newest;
                }

                _queue?.Touch();
            }
            catch (Exception e) when (e is EstreamException or IOException)
            {
                // The queue was deleted before it was opened, or is still being created; the next touch finds its successor.
            }
        }

        public void Dispose() => _queue?.Dispose();
    }

    /// <summary>A read-only map; each touch reads one key.</summary>
    private sealed class HeldMap<TKey, TValue>(string directory, TKey key) : IHeldStorage
        where TKey : unmanaged
        where TValue : unmanaged
    {
        private readonly StateMap<TKey, TValue> _map = StateMap.OpenReadOnly<TKey, TValue>(directory);

        public void Touch() => _map.TryGet(in key, out _);

        public void Dispose() => _map.Dispose();
    }

    /// <summary>A read-only map of bytes; each touch reads one key.</summary>
    private sealed class HeldByteMap(string directory) : IHeldStorage
    {
        private readonly ByteMap _map = Estream.Map.ByteMap.OpenReadOnly(directory);

        public void Touch() => _map.ContainsKey("nobody"u8);

        public void Dispose() => _map.Dispose();
    }

    /// <summary>A mapped file; each touch reads one byte.</summary>
    private sealed class HeldRegion(string path) : IHeldStorage
    {
        private readonly MemoryRegion _region = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly);

        public void Touch() => _ = _region.All.ReadOnlySpan(0, 1)[0];

        public void Dispose() => _region.Dispose();
    }
}
