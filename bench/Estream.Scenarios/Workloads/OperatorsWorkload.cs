using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What `operators` works through: a filled queue of readings of a thousand devices, of which four in five pass the
/// filter.</summary>
internal sealed record OperatorsWorkload(RunSize Size)
{
    public const int Devices = 1_000;

    public const double LeastValue = 20;

    /// <summary>A device has a set point for so many of its readings, in the middle of them.</summary>
    public const int ReadingsPerSetPoint = 10;

    /// <summary>Pairs are put under as many keys in turn: far more than the two queues are apart while they are read, so that the last one
    /// of a key is the same for all.</summary>
    public const ulong JoinSlots = 1 << 17;

    /// <summary>A reading comes every nanosecond, so a window has ten of each device.</summary>
    public static TimeSpan WindowSize { get; } = TimeSpan.FromMicroseconds(10);

    /// <summary>So near a set point that there is one at most, and for most readings there is one.</summary>
    public static TimeSpan JoinDistance { get; } = TimeSpan.FromMicroseconds(4.9);

    /// <summary>Readings in the queue, all of which are an operation in each round.</summary>
    public long Readings => Size.Of(4_000_000, 20_000);

    public static double ValueOf(long reading) => reading % 100;

    /// <summary>The time of a set point: that of a reading of its device.</summary>
    public static long SetPointTimeOf(long setPoint) => (setPoint / Devices * Devices * ReadingsPerSetPoint) + (setPoint % Devices);

    public static ulong ResultOf(long time, ulong value) => (ulong)time ^ (value << 40);
}

/// <summary>What a reading becomes: the name of its device in one word, which eight letters are, and what is kept of it.</summary>
internal readonly record struct DeviceReading(ulong Device, ulong Latest);

/// <summary>A reading as it waits for others.</summary>
internal readonly record struct TimedReading(ulong Device, long Time, ulong Value);
