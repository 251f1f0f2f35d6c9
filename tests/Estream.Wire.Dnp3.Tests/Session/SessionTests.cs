using Estream.Testing;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;
using Estream.Wire.Dnp3.Session;

namespace Estream.Wire.Dnp3.Tests.Session;

/// <summary>The master's side of an association without I/O, on a clock that the test moves.</summary>
public sealed class SessionTests
{
    private readonly ManualClock _clock = new();
    private readonly Observer _observer = new();
    private readonly byte[] _request = new byte[128];

    [Fact]
    public void A_request_without_a_response_is_sent_again_after_a_wait_that_grows_to_its_limit()
    {
        MasterSession session = Start(device => device with { TimeoutMs = 100, MaxBackoffMs = 1_000 });
        for (int attempt = 0; attempt < 10; attempt++)
        {
            Assert.Equal(ApplicationFunction.DisableUnsolicited, Request(session).Function);
            Assert.False(session.Expire(_clock.MonotonicNanos));
            _clock.Pass(TimeSpan.FromMilliseconds(100));
            Assert.True(session.Expire(_clock.MonotonicNanos));
            Assert.Equal(0, session.TryStart(_clock.MonotonicNanos, _request));
            Assert.InRange(session.WaitsUntil - _clock.MonotonicNanos, 125_000_000, 1_000_000_000);
            _clock.PassNanos(session.WaitsUntil - _clock.MonotonicNanos);
        }

        Assert.Equal([SessionEvent.Timeout], _observer.Events);
        Assert.Equal(10, session.Counters.Failures);
    }

    [Fact]
    public void Fragments_of_a_response_are_accepted_in_order_only()
    {
        MasterSession session = Start(device => device with { Unsolicited = Dnp3Classes.None });
        Answer(session, Request(session));
        ApplicationHeader poll = Request(session);
        byte first = (byte)(0xA0 | poll.Sequence);
        byte last = (byte)(0x60 | ((poll.Sequence + 1) & 15));

        Assert.Equal(FragmentAction.Drop, Receive(session, [last, 129, 0, 0]));
        Assert.Equal(FragmentAction.Store, Receive(session, [first, 129, 0, 0, 1, 2, 0, 0, 0, 1]));
        Assert.Equal(FragmentAction.Drop, Receive(session, [first, 129, 0, 0, 1, 2, 0, 0, 0, 1]));
        Assert.False(session.IsSynchronized);
        Assert.Equal(FragmentAction.Store, Receive(session, [last, 129, 0, 0]));
        Assert.True(session.IsSynchronized);
        Assert.Equal(2, session.Counters.LateResponses);
    }

    [Fact]
    public void The_time_of_the_LAN_procedure_is_that_of_the_request_to_record_it()
    {
        MasterSession session = Start(device => device with { Unsolicited = Dnp3Classes.None });
        Answer(session, Request(session), iin1: 0x10);
        Answer(session, Request(session), iin1: 0x10);
        ApplicationHeader record = Request(session);
        Assert.Equal(ApplicationFunction.RecordCurrentTime, record.Function);
        long sentAt = _clock.UtcNanos / 1_000_000;
        _clock.Pass(TimeSpan.FromMilliseconds(250));
        Answer(session, record, iin1: 0x10);

        Assert.True(session.IsContinuing);
        Assert.Equal(ApplicationFunction.Write, Request(session).Function);
        Assert.Equal("32030701", Convert.ToHexString(_request.AsSpan(2, 4)));
        Assert.Equal(sentAt, BitConverter.ToInt64([.. _request[6..12], 0, 0]));
    }

    [Fact]
    public void The_time_of_the_serial_procedure_includes_the_delay_of_the_line()
    {
        MasterSession session = Start(device => device with { Unsolicited = Dnp3Classes.None, TimeSync = Dnp3TimeSync.Serial });
        Answer(session, Request(session), iin1: 0x10);
        Answer(session, Request(session), iin1: 0x10);
        ApplicationHeader measure = Request(session);
        Assert.Equal(ApplicationFunction.DelayMeasurement, measure.Function);
        _clock.Pass(TimeSpan.FromMilliseconds(250));

        // The outstation needed 50 ms, so each direction took 100 ms.
        Receive(session, [(byte)(0xC0 | measure.Sequence), 129, 0x10, 0, 52, 2, 7, 1, 50, 0]);
        Assert.Equal(ApplicationFunction.Write, Request(session).Function);

        Assert.Equal("32010701", Convert.ToHexString(_request.AsSpan(2, 4)));
        Assert.Equal((_clock.UtcNanos / 1_000_000) + 100, BitConverter.ToInt64([.. _request[6..12], 0, 0]));
    }

    [Theory]
    [InlineData("echo", CommandOutcome.Success)]
    [InlineData("other", CommandOutcome.NotSent)]
    [InlineData("status", CommandOutcome.Refused)]
    [InlineData("none", CommandOutcome.NotSent)]
    [InlineData("refused", CommandOutcome.Refused)]
    [InlineData("expired", CommandOutcome.NotSent)]
    public async Task A_point_is_operated_only_if_the_response_to_the_select_repeats_the_command(string response, object outcome)
    {
        bool isExpired = false;
        MasterSession session = Start(device => device with { Unsolicited = Dnp3Classes.None });
        Answer(session, Request(session));
        Answer(session, Request(session));
        CommandObject command = CommandObject.Relay(3, 0x41, 1, 100, 100);
        PendingCommand pending = new(command, isDirect: false, () => isExpired);
        session.Add(pending);
        ApplicationHeader select = Request(session);
        Assert.Equal(ApplicationFunction.Select, select.Function);
        isExpired = response == "expired";

        byte[] objects = new byte[32];
        CommandObject echo = response switch
        {
            "other" => CommandObject.Relay(4, 0x41, 1, 100, 100),
            "status" => command with { Status = 7 },
            _ => command,
        };
        int length = response is "none" or "refused" ? 0 : echo.Write(objects);
        byte iin2 = response == "refused" ? (byte)2 : (byte)0;
        Receive(session, [(byte)(0xC0 | select.Sequence), 129, 0, iin2, .. objects[..length]]);
        if (response == "echo")
        {
            ApplicationHeader operate = Request(session);
            Assert.Equal(ApplicationFunction.Operate, operate.Function);
            Assert.Equal((select.Sequence + 1) & 15, operate.Sequence);
            Receive(session, [(byte)(0xC0 | operate.Sequence), 129, 0, 0, .. objects[..length]]);
        }
        else
        {
            Assert.Equal(0, session.TryStart(_clock.MonotonicNanos, _request));
        }

        Assert.Equal((CommandOutcome)outcome, (await pending.End).Outcome);
    }

    [Fact]
    public async Task An_operate_without_a_response_has_an_unknown_outcome()
    {
        MasterSession session = Start(device => device with { Unsolicited = Dnp3Classes.None });
        Answer(session, Request(session));
        Answer(session, Request(session));
        PendingCommand pending = new(CommandObject.Analog(1, 3, 2.5), isDirect: true, () => false);
        session.Add(pending);
        Assert.Equal(ApplicationFunction.DirectOperate, Request(session).Function);

        _clock.Pass(TimeSpan.FromSeconds(6));
        Assert.True(session.Expire(_clock.MonotonicNanos));

        Assert.Equal(CommandOutcome.Unknown, (await pending.End).Outcome);
    }

    [Fact]
    public void Classes_are_polled_at_their_intervals_and_when_the_outstation_announces_events()
    {
        MasterSession session = Start(device => device with
        {
            Unsolicited = Dnp3Classes.None,
            Class1EveryMs = 1_000,
            Class2EveryMs = 0,
            Class3EveryMs = 0,
        });
        Answer(session, Request(session));
        Answer(session, Request(session));
        Assert.Equal(0, session.TryStart(_clock.MonotonicNanos, _request));
        _clock.Pass(TimeSpan.FromSeconds(1));

        ApplicationHeader poll = Request(session);
        Assert.Equal("3C0206", Convert.ToHexString(_request.AsSpan(2, 3)));
        Receive(session, [(byte)(0xE0 | poll.Sequence), 129, 0x04, 0, 2, 1, 0x17, 1, 0, 0x81]);

        Assert.Equal(ApplicationFunction.Read, Request(session).Function);
        Assert.Equal("3C0306", Convert.ToHexString(_request.AsSpan(2, 3)));
    }

    [Fact]
    public void Mutated_fragments_neither_throw_nor_confirm_what_cannot_be_read()
    {
        byte[][] seeds =
        [
            [0xC0, 129, 0, 0], [0xE0, 129, 0x90, 0x08, 1, 2, 0, 0, 0, 1, 30, 5, 1, 0, 0, 1, 0, 1, 0, 0, 0xC0, 0x3F, 1, 0, 0, 0xC0, 0x3F],
            [0xF1, 130, 0x80, 0, 51, 1, 7, 1, 0, 0x68, 0xE5, 0xCF, 0x8B, 1, 2, 3, 0x17, 1, 3, 1, 0xE8, 3],
            [0xC0, 129, 0, 0, 52, 2, 7, 1, 50, 0], [0xC0, 129, 0, 0, 12, 1, 0x17, 1, 3, 3, 1, 100, 0, 0, 0, 100, 0, 0, 0, 0],
        ];
        Random random = new(20_261_127);
        MasterSession session = Start(device => device);
        int rounds = LongRun.Count(everyday: 200_000, full: 10_000_000);
        for (int round = 0; round < rounds; round++)
        {
            byte[] fragment = [.. seeds[round % seeds.Length]];
            fragment[random.Next(fragment.Length)] = (byte)random.Next(256);
            int length = (round & 4) == 0 ? fragment.Length : random.Next(fragment.Length + 1);
            if (session.Step != SessionStep.None && (round & 1) == 0 && length > 0)
            {
                fragment[0] = (byte)((fragment[0] & 0xF0) | (_request[0] & 0x0F));
            }

            Receive(session, fragment.AsSpan(0, length));
            session.TryStart(_clock.MonotonicNanos, _request);
            _clock.Pass(TimeSpan.FromSeconds(1));
            session.Expire(_clock.MonotonicNanos);
        }

        Assert.True(session.Counters.InvalidFragments > 0 && session.Counters.Responses > 0);
    }

    private MasterSession Start(Func<Dnp3DeviceOptions, Dnp3DeviceOptions> change)
    {
        Dnp3DeviceOptions device = change(new Dnp3DeviceOptions { Name = "rtu", Endpoint = new Dnp3EndpointOptions() });
        MasterSession session = new(device, _clock, _observer, new Random(1));
        session.Connect(_clock.MonotonicNanos);
        return session;
    }

    private ApplicationHeader Request(MasterSession session)
    {
        int length = session.TryStart(_clock.MonotonicNanos, _request);
        Assert.True(length > 0, "a request is due");
        Assert.True(ApplicationHeader.TryRead(_request.AsSpan(0, length), out ApplicationHeader header));
        return header;
    }

    private void Answer(MasterSession session, in ApplicationHeader request, byte iin1 = 0) =>
        Assert.Equal(FragmentAction.Store, Receive(session, [(byte)(0xC0 | request.Sequence), 129, iin1, 0]));

    private FragmentAction Receive(MasterSession session, ReadOnlySpan<byte> fragment)
    {
        FragmentAction action = session.Accept(fragment, _clock.MonotonicNanos, out ApplicationHeader header);
        if (action == FragmentAction.Store)
        {
            Assert.Equal(header.NeedsConfirm, session.Complete(fragment, header, _clock.MonotonicNanos));
        }

        return action;
    }

    private sealed class Observer : ISessionObserver
    {
        public List<SessionEvent> Events { get; } = [];

        public void OnEvent(MasterSession session, SessionEvent kind, string reason)
        {
            if (Events.Count < 1_000)
            {
                Events.Add(kind);
            }
        }

        public void OnSynchronized(MasterSession session)
        {
        }
    }
}
