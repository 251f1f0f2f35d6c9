using Estream.Iot;
using Estream.Map;

namespace Estream.Streams.TestProcess;

/// <summary>Tumbling windows, sessions, a throttle that keeps the newest event, and an outer join.</summary>
public sealed class SampleWindows : SampleEvents
{
    public const int Gap = 2;

    /// <summary>Opens the sample in a directory, or creates it.</summary>
    public SampleWindows(string directory)
        : base(directory)
    {
        Sessions = Map<long, Tally>("sessions");
        EsfWindows<IoTTelemetry.View> windows = Beats.Window(Windows.Tumbling(TimeSpan.FromSeconds(Size)), Beat.TimeOf, Behind);
        Pipelines =
        [
            windows.AllowedLateness(TimeSpan.FromSeconds(Lateness)).LateTo<IoTTelemetry.Writer>(Late, 200, WriteReading)
                .Aggregate("windows", Map<long, Windowed<long, Tally>>("windows-state"), Beat.KeyOf, Tally.Add)
                .AppendTo<IoTTelemetry.Writer>(Results, 300, Tallied.Write),
            Beats.Window(Windows.Session(TimeSpan.FromSeconds(Gap)), Beat.TimeOf, Behind)
                .Aggregate("sessions", Map<long, Windowed<long, Tally>>("sessions-state"), GroupOf, Tally.Add, Tally.Merge)
                .Materialize(Sessions, (scoped in WindowResult<long, Tally> result) => SessionKey(result.Key, result.Start / Beat.Second),
                    (scoped in WindowResult<long, Tally> result) => result.State),
            windows.Throttle("throttle", Map<long, Windowed<long, Throttled<long>>>("throttle-state"), GroupOf, ValueOf, most: 2,
                Excess.KeepNewest)
                .AppendTo<IoTTelemetry.Writer>(Passed, 200, WriteValue),
            Beats.Select(Beat.Of).Join(Others.Select(Beat.Of), TimeSpan.FromSeconds(Within), TimeOf, TimeOf, Behind)
                .LateLeftTo<IoTTelemetry.Writer>(LateLeft, 200, Write).LateRightTo<IoTTelemetry.Writer>(LateRight, 200, Write)
                .LeftOuter("join", Map<long, Windowed<long, Joined<Beat, Beat>>>("join-state"), KeyOf, KeyOf)
                .AppendTo<IoTTelemetry.Writer>(Pairs, 300, Pair.Write),
        ];
    }

    public StateMap<long, Tally> Sessions { get; }

    public static long SessionKey(long group, long start) => (group << 40) + start;
}
