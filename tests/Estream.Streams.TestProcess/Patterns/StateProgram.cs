using Estream.Iot;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>A state stream whose messages are derived from their numbers, so that the number of messages determines the state.</summary>
public static class StateProgram
{
    public const int Keys = 97;

    public static QueueOptions Options { get; } = new() { SegmentBytes = 64 << 10, RetainedBytes = 64 << 10 };

    public static string QueueOf(string directory) => Path.Combine(directory, "devices");

    public static string MapOf(string directory) => Path.Combine(directory, "newest");

    public static EsfState<IoTTelemetry.View> Describe(EstreamQueue queue) =>
        new(queue, (scoped in IoTTelemetry.View reading) => reading.DeviceId);

    public static string KeyOf(long number) => $"device-{number % Keys}";

    public static bool IsRemoval(long number) => number % 13 == 5;

    /// <summary>Returns the state after a number of messages.</summary>
    public static Dictionary<string, double> After(long messages)
    {
        Dictionary<string, double> state = [];
        for (long number = Math.Max(0, messages - (Keys * 13L)); number < messages; number++)
        {
            if (IsRemoval(number))
            {
                state.Remove(KeyOf(number));
            }
            else
            {
                state[KeyOf(number)] = number;
            }
        }

        return state;
    }

    public static void Append(QueueAppender appender, EsfAppender<IoTTelemetry.Writer> readings)
    {
        long number = appender.NextSequence;
        byte[] key = System.Text.Encoding.UTF8.GetBytes(KeyOf(number));
        if (IsRemoval(number))
        {
            EsfState.Remove(appender, key);
            return;
        }

        using EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(200);
        IoTTelemetry.Writer writer = claim.Begin();
        writer.DeviceId = key;
        writer.MetricName = "n"u8;
        writer.Value = number;
        claim.Commit(writer);
    }

    /// <summary>Appends and compacts concurrently, forever.</summary>
    public static int Run(string directory)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueOf(directory), Options);
        using ByteMap map = ByteMap.Open(MapOf(directory));
        using EsfPipeline pipeline = Describe(queue).Compact("newest", map);
        var compacting = new Thread(() => pipeline.Run(CancellationToken.None)) { IsBackground = true };
        compacting.Start();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        Console.WriteLine("running");
        while (true)
        {
            Append(appender, readings);
        }
    }
}
