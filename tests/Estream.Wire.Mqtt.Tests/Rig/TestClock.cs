using System.Net.Sockets;
using Estream.Core;
using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A clock that a test advances. A test can also set its time of day, which does not change the monotonic time.</summary>
internal sealed class TestClock : IClock
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private long _offset;
    private long _error;

    public long UtcNanos => SystemClock.Instance.UtcNanos + Interlocked.Read(ref _offset) + Interlocked.Read(ref _error);

    public long CoarseUtcNanos => SystemClock.Instance.CoarseUtcNanos + Interlocked.Read(ref _offset) + Interlocked.Read(ref _error);

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos + Interlocked.Read(ref _offset);

    /// <summary>Sets the system clock to this offset from the start of the test.</summary>
    public void SetOff(TimeSpan error)
    {
        Interlocked.Exchange(ref _error, (long)error.TotalNanoseconds);
    }

    public void Advance(TimeSpan time)
    {
        Interlocked.Add(ref _offset, (long)time.TotalNanoseconds);
    }

    /// <summary>Advances the time in steps until a client receives something or its connection ends. A single step could be too early: the
    /// endpoint may start to measure after its last answer. After each step, the endpoint has time to check its timeouts.</summary>
    public void AdvanceUntilSomethingComes(RawClient client, TimeSpan step)
    {
        Eventually.True(
            () =>
            {
                Advance(step);
                return client.Socket.Poll(s_pause, SelectMode.SelectRead);
            },
            "the client receives something");
    }
}
