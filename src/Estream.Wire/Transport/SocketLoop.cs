using System.Collections.Concurrent;
using Estream.Core;

namespace Estream.Wire.Internal;

/// <summary>
/// One thread of the process that waits for many sockets, and runs the code that waits for the bytes of a socket. Compared with the sockets
/// of .NET, which pass each arrival to a thread of the pool, this saves two to three wake-ups. Thread-safe.
/// </summary>
/// <remarks>
/// If several sockets become readable at once, the thread runs them one after the other for at most a fifth of a millisecond; threads of
/// the pool run the others. The thread is started with the first socket, and sleeps while no bytes arrive.
/// </remarks>
internal sealed class SocketLoop
{
    /// <summary>The length of <see cref="Arrived"/> in bytes.</summary>
    public const int ArrivedBytes = 2_048;

    private const int EventsPerWait = 256;
    private const long TurnNanos = 200_000;

    private static readonly Lazy<SocketLoop> s_shared = new(() => new SocketLoop());

    private readonly Epoll _epoll = new();
    private readonly ConcurrentDictionary<long, LoopStream> _streams = [];
    private readonly int _threadId;
    private long _lastKey;

    private SocketLoop()
    {
        Thread thread = new(Run) { IsBackground = true, Name = "estream-sockets" };
        _threadId = thread.ManagedThreadId;
        thread.Start();
    }

    /// <summary>The loop of this process.</summary>
    public static SocketLoop Shared => s_shared.Value;

    /// <summary>The buffer for bytes that are handled as soon as they arrive. Only the thread of the loop may use it.</summary>
    public byte[] Arrived { get; } = new byte[ArrivedBytes];

    /// <summary>Whether the calling thread is the thread of the loop.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == _threadId;

    /// <summary>Starts to report arrivals to a stream.</summary>
    /// <returns>The key for <see cref="Remove"/>.</returns>
    public long Add(LoopStream stream)
    {
        long key = Interlocked.Increment(ref _lastKey);
        _streams[key] = stream;
        try
        {
            _epoll.Watch(stream.Socket.SafeHandle, key);
        }
        catch
        {
            Remove(key);
            throw;
        }

        return key;
    }

    /// <summary>Stops to report arrivals. An arrival may still be reported meanwhile.</summary>
    public void Remove(long key) => _streams.TryRemove(key, out _);

    private void Run()
    {
        // A message must not wait behind a compute-bound thread.
        _ = TimeSlice.TryShorten();
        EpollEvent[] events = new EpollEvent[EventsPerWait];
        while (true)
        {
            int count = _epoll.Wait(events);
            long start = count > 1 ? SystemClock.Instance.MonotonicNanos : 0;
            for (int index = 0; index < count; index++)
            {
                if (_streams.TryGetValue(events[index].Key, out LoopStream? stream))
                {
                    bool isLate = index > 0 && SystemClock.Instance.MonotonicNanos - start > TurnNanos;
                    stream.OnReadable(events[index].HasEnded, runsHere: !isLate);
                }
            }
        }
    }
}
