using System.Globalization;
using Estream.Testing;
using Estream.Testing.Frames;
using Estream.Wire.Iso20022.Payments;

namespace Estream.Wire.Iso20022.Tests.Connections;

/// <summary>The client sends payments until the peer has answered or their deadline is over, and pairs them with reports.</summary>
public sealed class ClientTests
{
    [Theory]
    [InlineData("RCVD", PaymentState.Sent)]
    [InlineData("ACTC", PaymentState.Accepted)]
    [InlineData("ACSC", PaymentState.Settled)]
    [InlineData("RJCT", PaymentState.Rejected)]
    public async Task Report_about_the_message_ends_the_wait_and_sets_the_state(string status, object state)
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report(Payment.IdOf(message), status)]);
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        Eventually.True(() => client.Payments!.Of("M-1")[0].Status == status, "the report is applied");
        Assert.Equal((PaymentState)state, client.Payments!.Of("M-1")[0].State);
        Assert.Single(rig.Read("pacs.002"));
        Assert.Equal((1L, 0L), (client.Statistics.EmittedTotal, client.Statistics.EmitRefusedTotal));
    }

    [Fact]
    public async Task Each_payment_of_a_message_has_its_own_state()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message =>
            [Payment.Report("M-1", "PART", Payment.Status("E-1", "ACSC") + Payment.Status("E-3", "RJCT"))]);
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1", "E-1", "E-2", "E-3")));
        Eventually.True(() => client.Payments!.Count(PaymentState.Rejected) == 1, "the report is applied");
        Assert.Equal(
            [PaymentState.Settled, PaymentState.Sent, PaymentState.Rejected],
            client.Payments!.Of("M-1").Select(entry => entry.State));
    }

    [Fact]
    public async Task Payment_waits_from_its_first_sending_until_a_report_decides_about_it()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report("M-1", "RCVD")]);
        Iso20022Client client = Connected(rig, bank);
        Assert.Empty(client.GetWaitingPayments(10));
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1", "E-1", "E-2")));
        Eventually.True(() => client.GetWaitingPayments(10) is [_, { Status: "RCVD" }], "the report is applied");

        WaitingPayment first = client.GetWaitingPayments(1)[0];
        Assert.Equal(2, client.WaitingPaymentCount);
        Assert.Equal(("M-1", 0, "E-1", true, "RCVD"),
            (first.MessageId, first.Index, first.EndToEndId, first.IsReceived, first.Status));
        Assert.Equal((rig.Clock.UtcNanos, true), (first.RecordedAt, first.DeadlineAt > first.RecordedAt));
        bank.Send(Payment.Report("M-1", "PART", Payment.Status("E-1", "ACSC")));
        Eventually.True(() => client.WaitingPaymentCount == 1, "the second report is applied");
        Assert.Equal("E-2", Assert.Single(client.GetWaitingPayments(10)).EndToEndId);
    }

    [Fact]
    public async Task Message_without_an_answer_is_sent_again_with_the_same_content()
    {
        int count = 0;
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message =>
            Interlocked.Increment(ref count) == 1 ? throw new IOException() : [Payment.Report("M-1", "RCVD")]);
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitCode.NotConnected, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"))).Code);
        UntilReconnected(client);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        Assert.Equal(2, bank.Received.Length);
        Assert.Equal(bank.Received[0], bank.Received[1]);
    }

    [Fact]
    public async Task Client_is_unhealthy_as_soon_as_a_message_finds_the_connection_unusable()
    {
        using ManualResetEventSlim isReading = new(), release = new();
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => []);

        // Blocks the reader of the connection, so that it cannot notice the end.
        rig.OnClientEvent = one =>
        {
            if (one.Kind == AdapterEventKind.ProtocolViolation)
            {
                isReading.Set();
                release.Wait();
            }
        };
        Iso20022Client client = Connected(rig, bank, options => options with { TimeoutSeconds = 1 });
        bank.Send("not XML");
        Assert.True(isReading.Wait(TimeSpan.FromMinutes(1)));
        try
        {
            Assert.Equal(EmitCode.NotConnected, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"))).Code);
            Assert.Equal(HealthState.Unhealthy, client.Health.State);
            Assert.Contains("No answer arrived", client.Health.Detail, StringComparison.Ordinal);
            Assert.Equal(0, client.Statistics.Connections);
        }
        finally
        {
            release.Set();
        }
    }

    [Fact]
    public async Task Message_is_not_sent_again_after_an_answer_even_by_another_process()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report("M-1", "RCVD")]);
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        await rig.StopAsync();
        Iso20022Client next = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(next, Payment.Transfer("M-1")));
        Assert.Single(bank.Received);
    }

    [Fact]
    public async Task Message_is_not_sent_after_its_deadline()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => throw new IOException());
        Iso20022Client client = Connected(rig, bank, options => options with { PaymentSeconds = 60 });
        Assert.Equal(EmitCode.NotConnected, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"))).Code);
        UntilReconnected(client);
        rig.Clock.UtcNanos += 60_000_000_000;
        EmitStatus status = await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"));
        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains("PaymentSeconds", status.Detail, StringComparison.Ordinal);
        Assert.Single(bank.Received);
        Eventually.True(() => client.Payments!.Count(PaymentState.TimedOut) == 1, "the payment times out");
    }

    [Fact]
    public async Task Late_report_changes_a_payment_that_has_timed_out()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report("M-1", "RCVD")]);
        Iso20022Client client = Connected(rig, bank, options => options with { PaymentSeconds = 60 });
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        rig.Clock.UtcNanos += 61_000_000_000;
        Eventually.True(() => client.Payments!.Count(PaymentState.TimedOut) == 1, "the payment times out");
        bank.Send(Payment.ReportByTransaction("T-E-1", "ACSC"));
        Eventually.True(() => client.Payments!.Count(PaymentState.Settled) == 1, "the payment is settled");
    }

    [Fact]
    public async Task Other_message_with_the_same_id_is_refused()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report("M-1", "RCVD")]);
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1", "E-1")));
        EmitStatus status = await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1", "E-2"));
        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains("same MsgId", status.Detail, StringComparison.Ordinal);
        Assert.Single(bank.Received);
    }

    [Theory]
    [InlineData("M-1")]
    [InlineData("NOTAVAILABLE")]
    public async Task Rejection_of_the_message_rejects_its_payments(string reference)
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Reject(reference)]);
        Iso20022Client client = Connected(rig, bank);
        EmitStatus status = await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1", "E-1", "E-2"));
        Assert.Equal(new EmitStatus(EmitCode.Refused, "the peer has rejected the message: SYS duplicate message"), status);
        Assert.All(client.Payments!.Of("M-1"), entry => Assert.Equal((PaymentState.Rejected, "admi.002"), (entry.State, entry.Status)));
        Assert.Equal(EmitCode.Refused, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1", "E-1", "E-2"))).Code);
        Assert.Single(bank.Received);
    }

    [Fact]
    public async Task Answer_about_another_message_does_not_end_the_wait()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message =>
            ["ACK", Payment.Reject("M-0"), Payment.Report("M-0", "RCVD"), "<Document/>", Payment.Report("M-1", "RCVD")]);
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        Assert.Equal(2, rig.Read("pacs.002").Count);
        Assert.Single(rig.Read("dead-letters"));
    }

    [Fact]
    public async Task Acknowledgement_frames_end_the_wait_if_configured()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [message.Contains("M-1", StringComparison.Ordinal) ? "ACK" : "NAK closed today"]);
        Iso20022Client client = Connected(rig, bank, options => options with { Answers = Iso20022Answers.Frames });
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        EmitStatus refused = await ConnectionRig.EmitAsync(client, Payment.Transfer("M-2"));
        Assert.Equal(new EmitStatus(EmitCode.Refused, "the peer has rejected the message: closed today"), refused);
        bank.Send(Payment.Report("M-1", "ACSC"));
        Eventually.True(() => client.Payments!.Count(PaymentState.Settled) == 1, "the payment is settled");
    }

    [Fact]
    public async Task Report_that_reaches_the_queue_by_another_adapter_counts()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report("M-1", "RCVD")]);
        Iso20022Listener listener = rig.Listen(options => options with { Answers = Iso20022Answers.Frames });
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        using (System.Net.Sockets.Socket socket = FramePeer.Connect(listener.LocalEndPoint!.Port))
        {
            Assert.Equal("ACK", FramePeer.Exchange(socket, Payment.Report("M-1", "ACCP", Payment.Status("E-1", "ACSC"))));
        }

        Eventually.True(() => client.Payments!.Count(PaymentState.Settled) == 1, "the payment is settled");
    }

    [Fact]
    public async Task Report_stored_before_a_crash_is_applied_by_the_next_process()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report("M-1", "RCVD")]);
        Iso20022Listener listener = rig.Listen(options => options with { Answers = Iso20022Answers.Frames });
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
        await rig.StopAsync();
        using (System.Net.Sockets.Socket socket = FramePeer.Connect(listener.LocalEndPoint!.Port))
        {
            Assert.Equal("ACK", FramePeer.Exchange(socket, Payment.Report("M-1", "ACSC")));
        }

        Iso20022Client next = rig.Connect(bank.Port);
        Eventually.True(() => next.Payments!.Count(PaymentState.Settled) == 1, "the payment is settled");
    }

    [Fact]
    public async Task Message_is_not_sent_again_after_a_report_that_was_stored_before_a_crash()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => throw new IOException());
        Iso20022Listener listener = rig.Listen(options => options with { Answers = Iso20022Answers.Frames });
        Iso20022Client client = Connected(rig, bank);
        Assert.Equal(EmitCode.NotConnected, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"))).Code);
        await rig.StopAsync();
        using (System.Net.Sockets.Socket socket = FramePeer.Connect(listener.LocalEndPoint!.Port))
        {
            Assert.Equal("ACK", FramePeer.Exchange(socket, Payment.Report("M-1", "RCVD")));
        }

        Iso20022Client next = Connected(rig, bank);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(next, Payment.Transfer("M-1")));
        Assert.Single(bank.Received);
    }

    [Fact]
    public async Task Connection_that_the_peer_closes_is_replaced()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report(Payment.IdOf(message), "RCVD")]);
        Iso20022Client client = Connected(rig, bank);
        bank.Cut();
        UntilReconnected(client);
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1")));
    }

    [Fact]
    public async Task Peer_that_sends_no_frames_is_disconnected()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [new string(' ', 5_000_000)]);
        Iso20022Client client = Connected(rig, bank);
        EmitStatus status = await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"));
        Assert.Equal(EmitCode.NotConnected, status.Code);
        Assert.Contains("more than 4194304 bytes", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Payments_without_room_wait_and_decided_payments_make_room()
    {
        await using ConnectionRig rig = new();
        using ScriptedBank bank = new(message => [Payment.Report(Payment.IdOf(message), "RCVD")]);
        Iso20022Client client = Connected(rig, bank, options => options with { MaxPayments = 2 });
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1", "E-1", "E-2")));
        Assert.Equal(EmitCode.Deferred, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-2"))).Code);
        bank.Send(Payment.Report("M-1", "ACSC"));
        Eventually.True(() => client.Payments!.Count(PaymentState.Settled) == 2, "the payments are settled");
        Assert.Equal(EmitStatus.Ok, await ConnectionRig.EmitAsync(client, Payment.Transfer("M-2")));
        Assert.Empty(client.Payments!.Of("M-1"));
        Assert.Equal(EmitCode.Refused, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-3", "1", "2", "3"))).Code);
    }

    [Fact]
    public async Task Receiver_that_cannot_be_reached_is_named_in_the_health()
    {
        int port = FreePort.Next();
        await using ConnectionRig rig = new();
        Iso20022Client client = rig.Connect(port);
        Eventually.True(
            () => client.Health.ToString().Contains(
                string.Create(CultureInfo.InvariantCulture, $"localhost:{port} cannot be reached"), StringComparison.Ordinal),
            "the health names the peer");
        Assert.Equal(EmitCode.NotConnected, (await ConnectionRig.EmitAsync(client, Payment.Transfer("M-1"))).Code);
        Assert.Empty(client.Payments!.Of("M-1"));
    }

    [Theory]
    [InlineData("Pacs002StatusReport", Iso20022Answers.Messages, "Answers")]
    [InlineData("Camt053Statement", Iso20022Answers.Messages, "Answers")]
    public async Task Message_that_the_peer_does_not_answer_cannot_be_configured(string schema, Iso20022Answers answers, string key)
    {
        await using ConnectionRig rig = new();
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() => rig.Create(1, options => options with
        {
            Answers = answers,
            Egress = [new Iso20022Egress(Mapping.PaymentsPack.Schema(schema)) { KeyFolder = rig.Keys }],
        }));
        Assert.Equal(key, failure.Key);
    }

    private static Iso20022Client Connected(
        ConnectionRig rig, ScriptedBank bank, Func<Iso20022ClientOptions, Iso20022ClientOptions>? change = null)
    {
        Iso20022Client client = rig.Connect(bank.Port, change);
        UntilConnected(client);
        return client;
    }

    // A client whose connection has just ended is still healthy for a moment.
    private static void UntilReconnected(Iso20022Client client)
    {
        Eventually.True(() => client.Statistics.ReconnectsTotal == 1, "the client connects again");
        UntilConnected(client);
    }

    private static void UntilConnected(Iso20022Client client) =>
        Eventually.True(() => client.Health.State == HealthState.Healthy, "the client is connected");
}
