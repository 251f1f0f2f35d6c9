using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The input of `operators`: a filled queue of readings of a thousand devices. Four in five readings pass the filter.</summary>
internal sealed record OperatorsWorkload(RunSize Size)
{
    public const int Devices = 1_000;

    public const double LeastValue = 20;

    /// <summary>The number of readings of a device per set point, which is in the middle of them.</summary>
    public const int ReadingsPerSetPoint = 10;

    /// <summary>Pairs are put under this many keys in turn: far more than the distance between the two queues while they are read, so that
    /// the last pair of a key is the same for all rows.</summary>
    public const ulong JoinSlots = 1 << 17;

    /// <summary>A reading comes every nanosecond, so a window has ten readings of each device.</summary>
    public static TimeSpan WindowSize { get; } = TimeSpan.FromMicroseconds(10);

    /// <summary>The maximum distance from a set point: at most one set point is in range, and for most readings there is one.</summary>
    public static TimeSpan JoinDistance { get; } = TimeSpan.FromMicroseconds(4.9);

    /// <summary>Readings in the queue; each is an operation in each round.</summary>
    public long Readings => Size.Of(4_000_000, 20_000);

    public static double ValueOf(long reading) => reading % 100;

    /// <summary>Returns the time of a set point, which is that of a reading of its device.</summary>
    public static long SetPointTimeOf(long setPoint) => (setPoint / Devices * Devices * ReadingsPerSetPoint) + (setPoint % Devices);

    public static ulong ResultOf(long time, ulong value) => (ulong)time ^ (value << 40);
}

/// <summary>The result of a reading: the device name as one word of eight letters, and the kept value.</summary>
internal readonly record struct DeviceReading(ulong Device, ulong Latest);

/// <summary>A reading that waits for others.</summary>
internal readonly record struct TimedReading(ulong Device, long Time, ulong Value);
