namespace Estream.Wire;

/// <summary>Limits the number of label values of metrics by device, because each value costs memory in every database of metrics.</summary>
internal static class DeviceLabels
{
    /// <summary>The number of devices with a label of their own.</summary>
    public const int Max = 256;

    private const string Others = "other";

    /// <summary>Returns a value for each of the first devices, and one for all others together.</summary>
    /// <param name="devices">The devices.</param>
    /// <param name="name">Returns the name of a device.</param>
    /// <param name="value">Returns the value of a device.</param>
    /// <param name="join">Joins two values: the sum of counters, the maximum of gauges.</param>
    public static IEnumerable<(string Device, long Value)> Each<T>(
        IReadOnlyList<T> devices, Func<T, string> name, Func<T, long> value, Func<long, long, long> join)
    {
        for (int index = 0; index < Math.Min(devices.Count, Max); index++)
        {
            yield return (name(devices[index]), value(devices[index]));
        }

        if (devices.Count > Max)
        {
            yield return (Others, devices.Skip(Max).Select(value).Aggregate(join));
        }
    }
}
