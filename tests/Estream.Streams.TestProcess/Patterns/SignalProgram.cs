using System.Text;
using Estream.Iot;
using Estream.Map;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>Sets a signal, faster than readers can follow, to values whose parts depend on each other, so that a torn read is
/// detected.</summary>
public static class SignalProgram
{
    public const int MaxLength = 4_096;

    public static int Run(string directory)
    {
        using VersionedByteMap map = VersionedByteMap.Open(directory);
        var signals = new EsfSignalWriter<IoTTelemetry.Writer>(map, MaxLength);
        long start = new EsfSignalReader<IoTTelemetry.View>(map, MaxLength).TryRead("speed"u8, out EsfSignal<IoTTelemetry.View> last)
            ? last.View.Timestamp
            : 0;
        for (long number = start + 1; ; number++)
        {
            Set(signals, number);
            if (number == start + 1)
            {
                Console.WriteLine("running");
            }
        }
    }

    public static void Set(EsfSignalWriter<IoTTelemetry.Writer> signals, long number)
    {
        IoTTelemetry.Writer writer = signals.Begin();
        writer.SetDeviceId(Encoding.UTF8.GetBytes($"{number}"));
        writer.SetMetricName(Encoding.UTF8.GetBytes(new string((char)('a' + (number % 26)), (int)(number % 128) + 1)));
        writer.Timestamp = number;
        writer.Value = number;
        signals.Set("speed"u8, in writer);
    }

    public static bool IsWhole(IoTTelemetry.View view) =>
        view.Value == view.Timestamp
        && Encoding.UTF8.GetString(view.DeviceId) == $"{view.Timestamp}"
        && view.MetricName.Length == (view.Timestamp % 128) + 1
        && view.MetricName.IndexOfAnyExcept((byte)('a' + (view.Timestamp % 26))) < 0;
}
