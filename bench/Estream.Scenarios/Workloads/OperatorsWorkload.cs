using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What `operators` works through: a filled queue of readings of a thousand devices, of which four in five pass the filter.</summary>
internal sealed record OperatorsWorkload(RunSize Size)
{
    public const int Devices = 1_000;

    public const double LeastValue = 20;

    /// <summary>Readings in the queue, all of which are an operation in each round.</summary>
    public long Readings => Size.Of(4_000_000, 20_000);

    public static double ValueOf(long reading) => reading % 100;
}

/// <summary>What a reading becomes: the name of its device in one word, which eight letters are, and what is kept of it.</summary>
internal readonly record struct DeviceReading(ulong Device, ulong Latest);
