using Estream.Testing;
using Estream.Wire.Dnp3.Adapter;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Tests.Rig;

namespace Estream.Wire.Dnp3.Tests.Adapter;

/// <summary>Outstations that send what they should not.</summary>
public sealed class HostileOutstationTests
{
    // Without polls of classes, which a slow test would receive instead of a confirmation.
    private static Dnp3DeviceOptions Device(RawOutstation peer) => Devices.Device(peer.Port) with
    {
        Unsolicited = Dnp3Classes.None,
        TimeSync = Dnp3TimeSync.None,
        Class1EveryMs = 0,
        Class2EveryMs = 0,
        Class3EveryMs = 0,
    };

    [Fact]
    public async Task Noise_and_frames_for_other_addresses_are_skipped_and_counted()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)]);
        peer.Connect();
        peer.SendRaw([0x05, 0x64, 0x05, 0x64, 0xFF, 0x00]);
        byte[] stranger = new byte[LinkFrame.MaxBytes];
        peer.SendRaw(stranger.AsSpan(0, LinkFrame.Write(
            new LinkHeader(LinkFunction.UnconfirmedUserData, false, false, 1, 99), [0xC0, 0xC0, 129, 0, 0], stranger)));

        peer.AnswerStartUp();

        rig.AwaitHealthy();
    }

    [Fact]
    public async Task Events_that_cannot_be_read_are_not_confirmed()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)], "Dnp3DeviceEvent");
        peer.Connect();
        peer.AnswerStartUp();
        rig.AwaitHealthy();

        // An object whose size is not known, and a counter that ends too early.
        peer.Send([0xF1, 130, 0, 0, 200, 1, 0x28, 1, 0, 0, 0, 1]);
        peer.Send([0xF2, 130, 0, 0, 22, 5, 0x28, 1, 0, 0, 0, 1]);
        peer.SendEvents(1);

        Assert.Equal(2, rig.Messages().Count(message => message.Contains("BadFrame", StringComparison.Ordinal)));
        Assert.Single(rig.Messages(), message => message.Contains("\"is_event\":true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stored_events_of_a_device_are_limited()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)], "Dnp3DeviceEvent");
        peer.Connect();
        peer.AnswerStartUp();
        rig.AwaitHealthy();

        for (int one = 0; one < 200; one++)
        {
            peer.Send([(byte)(0xF0 | (one & 0x0F)), 130, 0, 0, 200, 1, 0x28, 1, 0, 0, 0, 1]);
        }

        peer.SendEvents(1);

        Assert.InRange(
            rig.Messages().Count(message => message.Contains("BadFrame", StringComparison.Ordinal)), 1, Dnp3Master.MaxEventsPerMinute);
    }

    [Theory]
    [InlineData("10.0.0.9", false)]
    [InlineData("rtu.example", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", true)]
    public void Commands_to_other_machines_require_TLS_or_the_flag(string host, bool isAccepted)
    {
        Dnp3DeviceOptions device = Devices.Device(20_000);
        Dnp3MasterOptions options = new()
        {
            Devices = [device with
            {
                Endpoint = device.Endpoint with { Host = host },
                Points = [new Dnp3PointOptions { Name = "breaker", Kind = Dnp3PointKind.BinaryOutput, IsWritable = true }],
            }],
            Mappings = [new Dnp3Mapping(Schema(Dnp3Schemas.Value), "values")],
            Egress = [Schema(Dnp3Schemas.Command)],
        };
        WireConfigurationException? refused = isAccepted ? null
            : Assert.Throws<WireConfigurationException>(() => MasterChecks.Check(options));

        Assert.Equal(isAccepted, refused?.Message.Contains("UnsafeAllowPlaintextCommands", StringComparison.Ordinal) is null);
        MasterChecks.Check(options with { UnsafeAllowPlaintextCommands = !isAccepted });
        MasterChecks.Check(options with { Egress = [] });
    }

    private static Esf.EsfSchema Schema(string name) =>
        Dnp3Schemas.Own.TryGet(name, out Esf.EsfSchema? schema) ? schema : throw new InvalidOperationException(name);

    [Fact]
    public async Task A_response_with_another_sequence_number_is_dropped_as_late()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)]);
        peer.Connect();
        byte control = peer.Receive()[1];

        peer.Answer((byte)((control + 1) & 0x0F));
        peer.Answer(control);
        byte next = peer.Receive()[1];

        Assert.Equal((control + 1) & 0x0F, next & 0x0F);
    }

    [Fact]
    public async Task An_unsolicited_response_whose_confirmation_was_lost_is_stored_once_and_confirmed_again()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)]);
        peer.Connect();
        peer.AnswerStartUp();
        rig.AwaitHealthy();

        byte[] response = [0xF5, 130, 0, 0, 22, 1, 0x17, 1, 0, 1, 9, 0, 0, 0];
        for (int one = 0; one < 3; one++)
        {
            peer.Send(response);
            byte[] confirm = peer.Receive().ToArray();
            Assert.Equal([0xD5, 0], confirm[1..]);
        }

        Assert.Single(rig.Messages());
    }

    [Fact]
    public async Task Events_before_the_integrity_poll_are_not_confirmed()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)]);
        peer.Connect();

        peer.SendEvent();
        peer.AnswerStartUp();
        rig.AwaitHealthy();

        Assert.Empty(rig.Messages());
    }

    [Fact]
    public async Task A_restart_indication_that_stays_does_not_keep_the_master_busy()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)], "Dnp3DeviceEvent");
        peer.Connect();
        int writes = 0;
        for (int requests = 0; requests < 6; requests++)
        {
            ReadOnlySpan<byte> request = peer.Receive();
            writes += request[2] == (byte)ApplicationFunction.Write ? 1 : 0;
            peer.Answer(request[1], iin1: 0x80);
            if (writes == 1 && request[2] == (byte)ApplicationFunction.Read)
            {
                break;
            }
        }

        rig.AwaitHealthy();
        Assert.Equal(1, writes);
        Assert.Single(rig.Messages(), message => message.Contains("Restarted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_request_degrades_the_health_and_is_not_repeated_at_once()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)], "Dnp3DeviceEvent");
        peer.Connect();
        byte[] disable = peer.Receive().ToArray();
        Assert.Equal((byte)ApplicationFunction.DisableUnsolicited, disable[2]);

        peer.Answer(disable[1], iin2: 0x01);
        peer.AnswerStartUp();

        rig.AwaitHealthy();
        Assert.Single(rig.Messages(), message => message.Contains("\"kind\":\"Refused\",\"indications\":1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_for_the_link_status_is_answered_and_confirmed_frames_are_acknowledged_once()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Device(peer)]);
        peer.Connect();
        peer.AnswerStartUp();
        rig.AwaitHealthy();
        byte[] frame = new byte[LinkFrame.MaxBytes];
        int length = LinkFrame.Write(
            new LinkHeader(LinkFunction.ConfirmedUserData, false, IsFrameCountSet: true, 1, 10),
            [0xC0, 0xF5, 130, 0, 0, 22, 1, 0x17, 1, 0, 1, 9, 0, 0, 0], frame);

        peer.SendRaw(frame.AsSpan(0, length));
        Assert.Equal([0xD5, 0], peer.Receive()[1..].ToArray());
        peer.SendRaw(frame.AsSpan(0, length));
        peer.SendEvents(1);

        Assert.Equal(2, rig.Messages().Count);
    }
}
