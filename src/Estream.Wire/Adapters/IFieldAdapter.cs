namespace Estream.Wire;

/// <summary>An adapter that reaches field devices and shows the state of each. Thread-safe.</summary>
public interface IFieldAdapter : IWireAdapter
{
    /// <summary>The number of devices.</summary>
    int DeviceCount { get; }

    /// <summary>The present state of each device, in the order of the settings.</summary>
    IReadOnlyList<DeviceStatus> Devices { get; }
}

/// <summary>The state of a field device.</summary>
/// <param name="Name">The name in the settings.</param>
/// <param name="Address">The endpoint or serial line.</param>
/// <param name="Health">Whether the device answers, with the last failure.</param>
/// <param name="Polls">The polls that ended since the start; of a server that publishes, its notifications.</param>
/// <param name="Errors">The polls without a usable response; of a server that publishes, its gaps.</param>
/// <param name="LastPollAt">When the last of them ended, in nanoseconds since 1970-01-01 UTC; 0 if none did.</param>
public sealed record DeviceStatus(string Name, string Address, HealthStatus Health, long Polls, long Errors, long LastPollAt)
{
    /// <summary>The longest time in microseconds from a poll's due time to its sending in the last minute; null if the adapter does not
    /// schedule polls.</summary>
    public long? JitterMicros { get; init; }
}
