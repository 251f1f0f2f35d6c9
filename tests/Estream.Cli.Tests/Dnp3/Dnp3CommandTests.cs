using System.Globalization;
using Estream.Testing;
using Estream.Wire.Dnp3;

namespace Estream.Cli.Tests.Dnp3;

/// <summary>`estream dnp3 poll` against the simulated outstation.</summary>
public sealed class Dnp3CommandTests : IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Poll_prints_each_point_and_leaves_the_events_to_the_master()
    {
        await using Dnp3Outstation outstation = Start();

        CliResult text = await RunAsync(outstation, "--timeout", "60000");
        CliResult json = await RunAsync(outstation, "--json", "--timeout", "60000");

        Assert.Equal(["bi-0 = 1", "ctr-2 = 7", "ai-1 = -1.5 (offline)"], text.Lines);
        Assert.Equal(
            """{"point":"ctr-2","kind":"Counter","index":2,"value":7,"online":true,"event":false,"flags":1}""", json.Lines[1]);
        Assert.Equal(1, outstation.UnconfirmedEvents);
    }

    [Fact]
    public async Task Poll_prints_events_with_their_time_if_they_are_asked_for()
    {
        await using Dnp3Outstation outstation = Start();

        CliResult result = await RunAsync(outstation, "--events", "--json", "--timeout", "60000");

        Assert.Equal(
            """{"point":"ctr-2","kind":"Counter","index":2,"value":7,"online":true,"event":true,"flags":1,"time":"2023-11-14T22:13:20.000Z"}""",
            result.Lines[0]);
        Eventually.True(() => outstation.UnconfirmedEvents == 0, "the events are confirmed");
    }

    [Fact]
    public async Task Poll_names_the_link_addresses_if_the_outstation_does_not_answer()
    {
        await using Dnp3Outstation outstation = Start();

        CliResult result = await RunAsync(outstation, "--outstation", "77", "--timeout", "50");

        result.AssertFailed(ExitCode.Failed, "master 1, outstation 77");
    }

    private static Dnp3Outstation Start()
    {
        Dnp3Outstation outstation = new(new Dnp3OutstationOptions { Port = FreePort.Next() });
        outstation.Set(new Dnp3Measurement(Dnp3PointKind.BinaryInput, 0, 1) { IsInteger = true });
        outstation.Set(new Dnp3Measurement(Dnp3PointKind.AnalogInput, 1, -1.5) { Flags = 0 });
        outstation.Set(
            new Dnp3Measurement(Dnp3PointKind.Counter, 2, 7) { IsInteger = true, TimeMs = 1_700_000_000_000 }, Dnp3Classes.Events1);
        return outstation;
    }

    private Task<CliResult> RunAsync(Dnp3Outstation outstation, params string[] options) => _data.RunAsync(
        ["dnp3", "poll", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{outstation.Port}"), .. options]);
}
