using Estream.Testing;
using Estream.Wire.Modbus.Polling;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>The timing wheel, on a clock that the test moves.</summary>
public sealed class TimerWheelTests
{
    private const long Tick = TimerWheel.NanosPerTick;

    [Property(15, 20_000)]
    public void Every_timer_fires_once_and_never_before_its_time(ushort[] delays, ushort step)
    {
        ManualClock clock = new();
        using TimerWheel wheel = new(clock, name: null);
        Probe[] probes = [.. delays.Select(delay => new Probe(clock.MonotonicNanos + (delay * Tick)))];
        Array.ForEach(probes, probe => wheel.Set(probe, probe.Due));

        for (long passed = 0; passed <= ushort.MaxValue + 2; passed += 1 + (step % 5_000))
        {
            clock.PassNanos((1 + (step % 5_000)) * Tick);
            wheel.Advance(clock.MonotonicNanos);
            Assert.All(probes, probe => Assert.Equal(probe.Due + Tick <= clock.MonotonicNanos ? 1 : probe.Fired, probe.Fired));
        }

        Assert.All(probes, probe => Assert.True(probe.Fired == 1 && probe.FiredAt >= probe.Due));
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire_and_a_moved_timer_fires_once()
    {
        ManualClock clock = new();
        using TimerWheel wheel = new(clock, name: null);
        Probe cancelled = new(0);
        Probe moved = new(0);
        wheel.Set(cancelled, clock.MonotonicNanos + (5 * Tick));
        wheel.Set(moved, clock.MonotonicNanos + (5 * Tick));
        wheel.Cancel(cancelled);
        wheel.Set(moved, clock.MonotonicNanos + (5_000 * Tick));

        clock.PassNanos(100 * Tick);
        wheel.Advance(clock.MonotonicNanos);
        Assert.Equal((0, 0), (cancelled.Fired, moved.Fired));

        clock.PassNanos(5_000 * Tick);
        wheel.Advance(clock.MonotonicNanos);
        Assert.Equal((0, 1), (cancelled.Fired, moved.Fired));
    }

    [Fact]
    public void Setting_and_firing_allocate_nothing()
    {
        ManualClock clock = new();
        using TimerWheel wheel = new(clock, name: null);
        Probe probe = new(0);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            wheel.Set(probe, clock.MonotonicNanos + Tick);
            clock.PassNanos(2 * Tick);
            wheel.Advance(clock.MonotonicNanos);
        }));
    }

    private sealed class Probe(long due) : WheelTimer
    {
        public long Due => due;

        public int Fired { get; private set; }

        public long FiredAt { get; private set; }

        public override void Fire(long now)
        {
            Fired++;
            FiredAt = now;
        }
    }
}
