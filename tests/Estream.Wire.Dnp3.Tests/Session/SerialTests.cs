using System.Globalization;
using Estream.Testing;
using Estream.Wire.Dnp3.Tests.Rig;

namespace Estream.Wire.Dnp3.Tests.Session;

/// <summary>A serial line: socat connects a pseudo terminal with the simulated outstation.</summary>
public sealed class SerialTests
{
    [PeerFact("/usr/bin/socat", "socat")]
    public async Task Values_events_and_commands_work_on_a_serial_line()
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        using TempDirectory folder = new();
        string port = folder.Combine("line");
        using ChildProcess socat = ChildProcess.Start(
            Peer.Require("socat", "socat"),
            [$"pty,raw,echo=0,link={port}", string.Create(CultureInfo.InvariantCulture, $"tcp:127.0.0.1:{outstation.Port}")]);
        Eventually.True(() => File.Exists(port), "socat has made the terminal");
        Dnp3DeviceOptions device = Devices.Device(0) with
        {
            Endpoint = new Dnp3EndpointOptions { Serial = new Dnp3SerialOptions(port) { BaudRate = 115_200 } },
            TimeSync = Dnp3TimeSync.Serial,
        };

        await using MasterRig rig = new([device]);
        rig.AwaitHealthy();
        Eventually.True(() => outstation.TimesSet == 1, "the clock is set");
        outstation.Set(Devices.Point(Dnp3PointKind.Counter, 0, 79), Dnp3Classes.Events1);
        Eventually.True(() => outstation.UnconfirmedEvents == 0, "the event is confirmed");
        EmitStatus status = await rig.SendAsync("""{"device_id":"rtu","point":"breaker","operation":"Trip","requested_at":NOW}""");

        Assert.True(status.IsOk, status.Detail);
        Assert.Equal(1, outstation.Performed);
        Assert.Single(rig.Messages(), message => message.Contains("\"unsigned\":79,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_serial_port_that_does_not_exist_is_named_in_the_health()
    {
        Dnp3DeviceOptions device = Devices.Device(0) with
        {
            Endpoint = new Dnp3EndpointOptions { Serial = new Dnp3SerialOptions("/dev/ttyNONE") },
        };
        await using MasterRig rig = new([device]);

        Eventually.True(() => rig.Master.Health.Detail.Contains("/dev/ttyNONE", StringComparison.Ordinal), "the health names the port");
        Assert.Equal(HealthState.Unhealthy, rig.Master.Health.State);
    }
}
