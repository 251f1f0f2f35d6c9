using Estream.Testing;
using Estream.Wire.Dnp3.Tests.Rig;

namespace Estream.Wire.Dnp3.Tests.Adapter;

/// <summary>A master and the simulated outstation: values, events, confirmations and the indications of the outstation.</summary>
public sealed class MasterTests
{
    [Fact]
    public async Task The_present_values_of_all_kinds_are_stored_after_the_connect()
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        await using MasterRig rig = new([Devices.Device(outstation)]);
        rig.AwaitHealthy();

        IReadOnlyList<string> messages = rig.Messages();

        Assert.Equal(2 * Enum.GetValues<Dnp3PointKind>().Length, messages.Count);
        string flow = Assert.Single(messages, message => message.Contains("\"key\":\"rtu/flow\"", StringComparison.Ordinal));
        Assert.Contains("\"kind\":\"AnalogInput\",\"index\":0,\"value\":3,\"signed\":1,\"unit\":\"m\"", flow, StringComparison.Ordinal);
        Assert.Contains("\"is_event\":false,\"is_online\":true,\"flags\":1", flow, StringComparison.Ordinal);
        Assert.Single(messages, message => message.Contains("\"key\":\"rtu/ctr-1\"", StringComparison.Ordinal));
        Assert.Empty(rig.Letters());
    }

    [Fact]
    public async Task The_clock_of_the_outstation_is_set_and_its_restart_indication_is_cleared()
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        await using MasterRig rig = new([Devices.Device(outstation)], "Dnp3DeviceEvent");
        Eventually.True(() => outstation.TimesSet == 1, "the clock is set");
        rig.AwaitMessage("TimeSet");

        outstation.Restart();
        outstation.Set(Devices.Point(Dnp3PointKind.Counter, 0, 5), Dnp3Classes.Events1);
        Eventually.True(() => outstation.TimesSet == 2, "the clock is set again");

        Assert.True(rig.Messages().Count(message => message.Contains("Restarted", StringComparison.Ordinal)) >= 2);
    }

    [Fact]
    public async Task The_clock_is_set_by_the_procedure_of_serial_lines()
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        await using MasterRig rig = new([Devices.Device(outstation) with { TimeSync = Dnp3TimeSync.Serial }]);

        Eventually.True(() => outstation.TimesSet == 1, "the clock is set");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_event_is_stored_once_and_confirmed(bool isUnsolicited)
    {
        const int Events = 500;
        await using Dnp3Outstation outstation = Devices.Outstation(options => options with { MaxFragmentBytes = 300 });
        await using MasterRig rig = new(
            [Devices.Device(outstation) with { Unsolicited = isUnsolicited ? Dnp3Classes.Events : Dnp3Classes.None, Class2EveryMs = 10 }]);
        rig.AwaitHealthy();

        for (int one = 1; one <= Events; one++)
        {
            outstation.Set(Devices.Point(Dnp3PointKind.Counter, 0, one), Dnp3Classes.Events2);
        }

        Eventually.True(() => outstation.UnconfirmedEvents == 0, "all events are confirmed");
        string[] events = [.. rig.Messages().Where(message => message.Contains("\"is_event\":true", StringComparison.Ordinal))];
        Assert.Equal(Events, events.Length);
        for (int one = 0; one < Events; one++)
        {
            Assert.Contains($"\"unsigned\":{one + 1},", events[one], StringComparison.Ordinal);
            Assert.Contains("\"occurred_at\":", events[one], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_event_is_not_confirmed_while_its_queue_cannot_be_written()
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        await using MasterRig rig = new([Devices.Device(outstation)]);
        rig.AwaitHealthy();

        rig.Block(true);
        outstation.Set(Devices.Point(Dnp3PointKind.Counter, 0, 77), Dnp3Classes.Events1);
        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the event has arrived");
        Assert.Equal(HealthState.Unhealthy, rig.Master.Health.State);
        Assert.Equal(1, outstation.UnconfirmedEvents);
        rig.Block(false);

        Eventually.True(() => outstation.UnconfirmedEvents == 0, "the event is confirmed");
        Assert.Single(rig.Messages(), message => message.Contains("\"unsigned\":77,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_whose_flush_fails_is_not_confirmed()
    {
        FailingFlushStorage storage = new();
        await using Dnp3Outstation outstation = Devices.Outstation();
        await using MasterRig rig = new([Devices.Device(outstation)], storage, "Dnp3Value");
        rig.AwaitHealthy();

        storage.Fails = true;
        outstation.Set(Devices.Point(Dnp3PointKind.Counter, 0, 79), Dnp3Classes.Events1);

        Eventually.True(() => rig.Master.Statistics.ReconnectsTotal >= 1, "the connection has ended");
        Assert.Equal(1, outstation.UnconfirmedEvents);
    }

    [Fact]
    public async Task An_event_whose_connection_ends_before_the_confirmation_comes_again()
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        await using MasterRig rig = new([Devices.Device(outstation)]);
        rig.AwaitHealthy();

        rig.Block(true);
        outstation.Set(Devices.Point(Dnp3PointKind.Counter, 0, 78), Dnp3Classes.Events1);
        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the event has arrived");
        outstation.Disconnect();
        rig.Block(false);

        Eventually.True(() => outstation.UnconfirmedEvents == 0, "the event is confirmed after the reconnect");
        rig.AwaitMessage("\"unsigned\":78,");
        Assert.True(rig.Master.Statistics.ReconnectsTotal >= 1);
    }

    [Fact]
    public async Task Lost_events_are_reported_and_followed_by_an_integrity_poll()
    {
        await using Dnp3Outstation outstation = Devices.Outstation(options => options with { MaxEvents = 3 });
        await using MasterRig rig = new([Devices.Device(outstation)], "Dnp3DeviceEvent");
        rig.AwaitHealthy();

        rig.Block(true);
        for (int one = 0; one < 10; one++)
        {
            outstation.Set(Devices.Point(Dnp3PointKind.Counter, 0, one), Dnp3Classes.Events1);
        }

        rig.Block(false);
        rig.AwaitMessage("EventsLost");
        Eventually.True(() => rig.Messages().Count(message => message.Contains("rtu/ctr-1", StringComparison.Ordinal)) >= 2,
            "the integrity poll is repeated");
    }

    [Fact]
    public async Task An_outstation_that_does_not_answer_degrades_the_health_and_is_asked_again()
    {
        int port = FreePort.Next();
        await using Dnp3Outstation outstation = Devices.Outstation(options => options with { Port = port, OutstationAddress = 11 });
        await using MasterRig rig = new(
            [Devices.Device(port) with { TimeoutMs = 50 }, Devices.Device(port) with { Name = "other", OutstationAddress = 11 }],
            "Dnp3DeviceEvent");

        rig.AwaitMessage("\"device_id\":\"rtu\",\"kind\":\"Timeout\"");
        rig.AwaitMessage("\"key\":\"other/ctr-1\"");

        Assert.Equal(HealthState.Degraded, rig.Master.Health.State);
        Assert.Contains("rtu: no response within 50 ms", rig.Master.Health.Detail, StringComparison.Ordinal);
    }
}
