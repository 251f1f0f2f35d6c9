namespace Estream.Wire.Modbus.Polling;

/// <summary>The metrics of an adapter, by device.</summary>
internal static class PollerMetrics
{
    private const long NanosPerMicro = 1_000;

    public static AdapterMetrics Of(string adapter, DeviceState[] devices, List<DeviceLine> lines) => new AdapterMetrics(adapter)
        .AddCounter("estream.modbus.polls", "{request}", "Polls that ended, by device.", "device", () => Each(devices, one => one.Polls))
        .AddCounter("estream.modbus.errors", "{request}", "Polls that ended without values, by device.", "device",
            () => Each(devices, one => one.Errors))
        .AddCounter("estream.modbus.overruns", "{request}",
            "Polls that were skipped because the one before was not answered or the device waits after time-outs, by device.", "device",
            () => Each(devices, one => one.Overruns))
        .AddGauge("estream.modbus.jitter", "us",
            "The longest time from a poll's due time to its sending since the last collection, by device.", "device",
            () => DeviceLabels.Each(devices, one => one.Name, one => one.TakeWorstJitter() / NanosPerMicro, Math.Max))
        .AddCounter("estream.modbus.late", "{response}", "Responses that arrived after their time-out.",
            () => lines.Sum(line => line.Counts.Late))
        .AddCounter("estream.modbus.invalid", "{frame}", "Frames that match no request or have a wrong CRC.",
            () => lines.Sum(line => line.Counts.Invalid));

    private static IEnumerable<(string, long)> Each(DeviceState[] devices, Func<DeviceState, long> value) =>
        DeviceLabels.Each(devices, device => device.Name, value, (one, other) => one + other);
}
