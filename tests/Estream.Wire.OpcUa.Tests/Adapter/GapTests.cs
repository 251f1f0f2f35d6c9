using System.Diagnostics;
using System.Text.Json;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.OpcUa.Adapter;
using Estream.Wire.OpcUa.Simulation;
using Estream.Wire.OpcUa.Tests.Rig;

namespace Estream.Wire.OpcUa.Tests.Adapter;

/// <summary>Goal: no value is lost or stored twice while connections break, and what a server has lost is recorded. Method: a counter of
/// the simulator, whose values must arrive as 1, 2, 3, ….</summary>
public sealed class GapTests
{
    private const string Count = "Count";
    private const string StoppedSearch = "the adapter stopped before it knew whether there was an earlier run";

    /// <summary>For tests in which a keep-alive shows that messages are missing.</summary>
    private const int ShortKeepAliveMs = 2_000;

    [Fact]
    public async Task Values_have_no_gap_after_connections_break()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        for (int round = 1; round <= 5; round++)
        {
            await counter.StepsAsync(rig, 10);
            simulator.State.Faults.LosesMessages = true;
            await counter.LosesAsync(simulator, 3);
            simulator.DropConnections();
            simulator.State.Faults.LosesMessages = false;
            await counter.StepsAsync(rig, 5);
            int expected = round;
            Eventually.True(() => rig.Adapter.Statistics.ReconnectsTotal >= expected, "the adapter has reconnected");
        }

        Assert.Equal(Enumerable.Range(0, counter.Last + 1).Select(one => (double)one), rig.Values(Count));
        Assert.Empty(rig.Stored("Gap"));
        Assert.Equal(1, simulator.State.CreatedSessions);
        Assert.True(simulator.State.Faults.Republished >= 15, $"{simulator.State.Faults.Republished} messages were repeated");
    }

    [Fact]
    public async Task Values_that_change_faster_than_messages_are_sent_are_all_stored_until_the_queue_of_the_server_is_full()
    {
        const int QueueSize = 1_000;
        await using OpcUaSimulator simulator = Start(out _);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Values(Count).Count == 1, "the first value is stored");
        for (int value = 1; value <= QueueSize / 2; value++)
        {
            simulator.SetValue(Count, new UaVariant(UaType.Double, (double)value));
        }

        Eventually.True(() => rig.Values(Count).Count == 1 + (QueueSize / 2), "all values are stored");
        Assert.Equal(Enumerable.Range(0, 1 + (QueueSize / 2)).Select(one => (double)one), rig.Values(Count));
        lock (simulator.State.Gate)
        {
            for (int value = 0; value <= QueueSize; value++)
            {
                simulator.SetValue(Count, new UaVariant(UaType.Double, 10_000.0 + value));
            }
        }

        Eventually.True(() => rig.Values(Count).Count == 1 + (QueueSize / 2) + QueueSize, "the values of a full queue are stored");
        Assert.Equal(10_001, rig.Values(Count)[1 + (QueueSize / 2)]);
        Assert.Equal(1, rig.Messages().Count(message => message.TryGetProperty("status_code", out JsonElement status)
            && new UaStatus(status.GetUInt32()).IsOverflow && message.TryGetProperty("value", out _)));
        Eventually.True(() => rig.Stored("Overflow").Count == 1, "the overflow is stored");
        Assert.Equal(Count, rig.Stored("Overflow")[0].GetProperty("item").GetString());
    }

    [Fact]
    public async Task Value_is_stored_once_while_one_of_its_queues_is_blocked()
    {
        await using OpcUaSimulator simulator = Start(out _);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaValue");
        Eventually.True(() => rig.ValueCount() == 1, "the first value is stored");
        rig.Block(true, "values");
        lock (simulator.State.Gate)
        {
            // The message begins with a value that is repeated, and so is stored although its queue is blocked.
            simulator.State.Subscriptions[0].Resend();
            simulator.SetValue(Count, new UaVariant(UaType.Double, 1.0));
            simulator.SetValue(Count, new UaVariant(UaType.Double, 2.0));
        }

        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the adapter is blocked");
        rig.Block(false);
        Eventually.True(() => rig.ValueCount() == 3, "all values are stored");
        Assert.Equal([0.0, 1.0, 2.0], rig.Values(Count));
    }

    [Fact]
    public async Task Lost_messages_on_an_open_connection_are_repeated()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(
            AdapterRig.Server(simulator.Url, Count) with { KeepAliveMs = ShortKeepAliveMs }, "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        simulator.State.Faults.LosesMessages = true;
        await counter.LosesAsync(simulator, 3);
        simulator.State.Faults.LosesMessages = false;
        await counter.StepsAsync(rig, 3);
        Assert.Equal(Enumerable.Range(0, counter.Last + 1).Select(one => (double)one), rig.Values(Count));
        Assert.Empty(rig.Stored("Gap"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_that_the_server_has_dropped_are_recorded_as_a_gap_and_present_values_follow(bool hasResendData)
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        simulator.State.Faults.HasResendData = hasResendData;
        simulator.AddVariable("Still", new UaVariant(UaType.Double, 7.0));
        simulator.AddVariable("Changed", new UaVariant(UaType.Double, 1.0));
        await using AdapterRig rig = new(
            AdapterRig.Server(simulator.Url, Count, "Still", "Changed") with { KeepAliveMs = ShortKeepAliveMs }, "OpcUaReading",
            "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        Eventually.True(() => rig.Values("Still").Count + rig.Values("Changed").Count == 2, "the constants are stored");
        simulator.State.Faults.LosesMessages = true;
        uint sequence = simulator.State.Subscriptions[0].NextSequence;
        simulator.SetValue("Changed", new UaVariant(UaType.Double, 2.0));
        Eventually.True(() => simulator.State.Subscriptions[0].NextSequence > sequence, "the server has created a message");
        await counter.LosesAsync(simulator, 2);
        lock (simulator.State.Gate)
        {
            simulator.State.Subscriptions[0].ForgetSent();
        }

        simulator.State.Faults.LosesMessages = false;
        await counter.StepsAsync(rig, 1);
        Eventually.True(() => rig.Values("Changed").Count == 2, "present values follow the gap");

        // A value that is not newer than the stored one is not stored again.
        await counter.StepsAsync(rig, 1);
        Assert.Equal([1.0, 2.0], rig.Values("Changed"));
        Assert.Equal([7.0], rig.Values("Still"));
        JsonElement gap = Assert.Single(rig.Stored("Gap"));
        Assert.Equal(2u, gap.GetProperty("last_missing").GetUInt32() - gap.GetProperty("first_missing").GetUInt32());
        Assert.True(gap.GetProperty("last_received_at").GetInt64() > 0);
        Assert.Equal(hasResendData ? 1 : 0, simulator.State.Faults.ResendCalls);
    }

    [Fact]
    public async Task A_value_that_cannot_be_decoded_is_recorded_as_a_gap_and_the_others_are_stored()
    {
        await using OpcUaSimulator simulator = new();
        simulator.AddVariable("First", new UaVariant(UaType.Double, 1.0));
        simulator.AddVariable("Matrix", new UaVariant(UaType.Int16, new object?[] { (short)1, (short)2, (short)3 }, [2, 2]));
        simulator.AddVariable("Last", new UaVariant(UaType.Double, 3.0));
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, "First", "Matrix", "Last"), "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Values("Last").Count == 1, "the value after the matrix is stored");
        Assert.Equal([1.0], rig.Values("First"));

        // Reported after all values of the message are stored.
        Eventually.True(() => rig.Events.Any(one => one.Detail.Contains("1 values cannot be decoded", StringComparison.Ordinal)),
            "the lost value is reported");
        JsonElement gap = Assert.Single(rig.Stored("Gap"));
        Assert.Equal("Matrix", gap.GetProperty("item").GetString());
        Assert.Equal("the value cannot be decoded", gap.GetProperty("reason").GetString());
        Assert.Equal(1, rig.Adapter.Statistics.RejectedTotal);
    }

    [Fact]
    public async Task Subscription_is_transferred_without_a_gap_if_only_the_session_is_lost()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        simulator.State.Faults.LosesMessages = true;
        await counter.LosesAsync(simulator, 3);
        simulator.State.ForgetSessions(forgetsSubscriptions: false);
        simulator.DropConnections();
        simulator.State.Faults.LosesMessages = false;
        await counter.StepsAsync(rig, 3);

        // A transfer sends the present value again, which is not stored twice.
        Assert.Equal(Enumerable.Range(0, counter.Last + 1).Select(one => (double)one), rig.Values(Count));
        Assert.Empty(rig.Stored("Gap"));
        Assert.Single(simulator.State.Subscriptions);
        Assert.Equal(2, simulator.State.CreatedSessions);
    }

    /// <summary>The defect #1796 of UA-.NETStandard: after a restart, a server without TransferSubscriptions got one session after the
    /// other and no subscription.</summary>
    [Fact]
    public async Task A_restarted_server_without_TransferSubscriptions_gets_one_session_and_a_new_subscription()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        simulator.State.Faults.TransferStatus = UaStatus.BadServiceUnsupported;
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        simulator.State.ForgetSessions(forgetsSubscriptions: true);
        simulator.DropConnections();
        await counter.StepsAsync(rig, 3);
        JsonElement gap = Assert.Single(rig.Stored("Gap"));
        Assert.False(gap.TryGetProperty("last_missing", out _));
        Assert.Equal(1, simulator.State.OpenSessions);
        Assert.Equal(2, simulator.State.CreatedSessions);
    }

    /// <summary>The defect #3540 of UA-.NETStandard: after a reconnect the session works, and no Publish request is answered any
    /// more.</summary>
    [Fact]
    public async Task A_server_that_stops_publishing_gets_a_new_connection_and_then_a_new_subscription()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(
            AdapterRig.Server(simulator.Url, Count) with { KeepAliveMs = 100 }, "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        uint before = simulator.State.Subscriptions[0].Id;
        int gaps = rig.Stored("Gap").Count;
        simulator.State.Faults.IsSilent = true;
        Eventually.True(() => rig.Stored("Gap").Count > gaps, "the subscription is replaced");
        simulator.State.Faults.IsSilent = false;
        await counter.StepsAsync(rig, 3);
        SimulatedSubscription after = Assert.Single(simulator.State.Subscriptions);
        Assert.NotEqual(before, after.Id);
    }

    [Fact]
    public async Task A_subscription_that_the_server_has_deleted_is_created_again_on_the_same_connection()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        simulator.State.DeleteSubscription(simulator.State.Subscriptions[0].Id);
        simulator.DropConnections();
        await counter.StepsAsync(rig, 3);
        Assert.Single(rig.Stored("Gap"));
        Assert.Equal(1, simulator.State.CreatedSessions);
    }

    [Fact]
    public async Task Values_wait_at_the_server_while_a_queue_cannot_be_written()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        rig.Block(true);
        await counter.LosesAsync(simulator, 3);
        Assert.NotEmpty(simulator.State.Subscriptions[0].Available);
        rig.Block(false);
        await counter.StepsAsync(rig, 3);
        Assert.Equal(Enumerable.Range(0, counter.Last + 1).Select(one => (double)one), rig.Values(Count));
    }

    [Fact]
    public async Task A_blocked_queue_is_not_taken_for_a_silent_server()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(
            AdapterRig.Server(simulator.Url, Count) with { KeepAliveMs = ShortKeepAliveMs }, "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        rig.Block(true);
        await counter.LosesAsync(simulator, 3);
        long start = Stopwatch.GetTimestamp();
        Eventually.True(
            () => Stopwatch.GetElapsedTime(start).TotalMilliseconds > 6 * ShortKeepAliveMs, "the queue is blocked for six keep-alives");
        rig.Block(false);
        await counter.StepsAsync(rig, 3);
        Assert.Empty(rig.Stored("Disconnected"));
        Assert.Equal(Enumerable.Range(0, counter.Last + 1).Select(one => (double)one), rig.Values(Count));
    }

    [Theory]
    [InlineData("OpcUaReading")]
    [InlineData("OpcUaValue")]
    public async Task Time_between_two_runs_of_the_adapter_is_recorded_as_a_gap(string schema)
    {
        await using OpcUaSimulator simulator = Start(out _);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), schema, "OpcUaEvent");
        Eventually.True(() => Received(rig).Count == 1, "the first value is stored");
        Assert.Empty(rig.Stored("Gap"));
        simulator.SetValue(Count, new UaVariant(UaType.Double, 1.0));
        Eventually.True(() => Received(rig).Count == 2, "the second value is stored");
        long until = Received(rig)[1];
        await rig.RestartAsync(() =>
        {
            // The change to 2 is lost.
            simulator.SetValue(Count, new UaVariant(UaType.Double, 2.0));
            simulator.SetValue(Count, new UaVariant(UaType.Double, 3.0));
        });
        Eventually.True(() => Received(rig).Count == 3, "the present value is stored");
        JsonElement gap = Assert.Single(rig.Stored("Gap"));
        Assert.Equal(until, gap.GetProperty("last_received_at").GetInt64());
        Assert.InRange(gap.GetProperty("occurred_at").GetInt64(), until + 1, Received(rig)[2]);
        Assert.Equal("the adapter was not running", gap.GetProperty("reason").GetString());
        Assert.False(gap.TryGetProperty("first_missing", out _));

        // A subscription that is lost during the present run gives one more gap.
        simulator.State.ForgetSessions(forgetsSubscriptions: true);
        simulator.DropConnections();
        Eventually.True(() => rig.Stored("Gap").Count == 2, "the second gap is stored");
        Assert.Contains("the subscription is lost", rig.Stored("Gap")[1].GetProperty("reason").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_for_an_earlier_run_reads_a_limited_number_of_messages()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading");
        await counter.StepsAsync(rig, 5);
        long last = Received(rig)[^1];
        Assert.Equal(last, Find("line", 6, 1));
        Assert.Null(Find("other", 6, 6));
        Assert.Equal(0, Find("other", 6, 5));
        Assert.Null(Find("line", 0, 5));

        long? Find(string server, long end, long maxMessages)
        {
            EarlierRuns runs = new([server], maxMessages);
            runs.Read(rig.Data, end, true, CancellationToken.None);
            long? found = runs.LastStored(0);
            runs.ReadRest(CancellationToken.None);
            Assert.Equal(server == "line" && end > 0 ? last : null, runs.LastStored(0));
            return found;
        }
    }

    [Fact]
    public async Task Server_that_is_new_in_a_long_queue_gets_no_gap_and_an_earlier_server_gets_one()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        OpcUaServerOptions server = AdapterRig.Server(simulator.Url, Count);
        await using AdapterRig rig = new(server, "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        long last = Received(rig)[^1];
        int values = Received(rig).Count;

        // A start reads one message, so that it finds neither server.
        using ManualResetEventSlim isSearched = new();
        await rig.RestartAsync(
            static () => { },
            options => options with
            {
                Servers = [server with { Name = "new" }],
                EarlierMessages = 1,
                SearchOlder = (search, _) => Task.Run(() =>
                {
                    search();
                    isSearched.Set();
                }, CancellationToken.None),
            });
        Eventually.True(() => Received(rig).Count > values, "the first value of the new server is stored");
        await counter.StepsAsync(rig, 3);
        Eventually.True(() => isSearched.IsSet, "the search has ended");
        await rig.RestartAsync(static () => { }, options => options with { Servers = [server] });
        Eventually.True(() => rig.Stored("Gap").Count > 0, "a gap is stored");
        JsonElement gap = Assert.Single(rig.Stored("Gap"));
        Assert.Equal("line", gap.GetProperty("server").GetString());
        Assert.Equal(last, gap.GetProperty("last_received_at").GetInt64());
    }

    [Fact]
    public async Task A_stop_during_the_search_for_an_earlier_run_stores_a_gap_with_this_reason()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        int values = Received(rig).Count;
        await rig.RestartAsync(static () => { }, HoldSearch);
        Eventually.True(() => Received(rig).Count > values, "the first value of the second run is stored");
        await counter.StepsAsync(rig, 1);
        Assert.Empty(rig.Stored("Gap"));

        await rig.RestartAsync(
            static () => { }, static options => options with { EarlierMessages = EarlierRuns.MaxMessages });

        JsonElement unknown = rig.Stored("Gap")[0];
        Assert.Equal(StoppedSearch, unknown.GetProperty("reason").GetString());
        Assert.False(unknown.TryGetProperty("last_received_at", out _));
        Assert.InRange(unknown.GetProperty("occurred_at").GetInt64(), Received(rig)[values - 1] + 1, Received(rig)[values]);
        long last = Received(rig)[values + 1];
        Eventually.True(() => rig.Stored("Gap").Count == 2, "the gap between the second and the third run is stored");
        Assert.Equal("the adapter was not running", rig.Stored("Gap")[1].GetProperty("reason").GetString());
        Assert.Equal(last, rig.Stored("Gap")[1].GetProperty("last_received_at").GetInt64());
    }

    [Fact]
    public async Task A_stop_at_the_end_of_the_search_for_earlier_runs_stores_what_the_search_has_found()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        OpcUaServerOptions server = AdapterRig.Server(simulator.Url, Count);
        await using AdapterRig rig = new(server, "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        long last = Received(rig)[^1];
        int values = Received(rig).Count;
        await rig.RestartAsync(
            static () => { },
            options => HoldSearch(options) with
            {
                Servers = [server, server with { Name = "new" }],
                SearchOlder = static (search, token) => Task.Run(() =>
                {
                    search();
                    token.WaitHandle.WaitOne();
                }, CancellationToken.None),
            });
        Eventually.True(() => Received(rig).Count == values + 2, "the first values of both servers are stored");
        List<JsonElement> gaps = [];

        await rig.RestartAsync(() => gaps = rig.Stored("Gap"));

        JsonElement gap = Assert.Single(gaps);
        Assert.Equal("line", gap.GetProperty("server").GetString());
        Assert.Equal("the adapter was not running", gap.GetProperty("reason").GetString());
        Assert.Equal(last, gap.GetProperty("last_received_at").GetInt64());
    }

    [Fact]
    public async Task A_stop_during_the_search_for_an_earlier_run_does_not_wait_for_a_blocked_queue()
    {
        await using OpcUaSimulator simulator = Start(out Counter counter);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), "OpcUaReading", "OpcUaEvent");
        await counter.StepsAsync(rig, 3);
        int values = Received(rig).Count;
        await rig.RestartAsync(static () => { }, HoldSearch);
        Eventually.True(() => Received(rig).Count > values, "the first value of the second run is stored");
        rig.Block(true);

        await rig.RestartAsync(() => rig.Block(false));

        Assert.Contains(rig.Events, one => one.Detail.Contains("the gap since the last run is not stored", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_fails_during_the_search_for_an_earlier_run_fails_the_adapter_before_the_search_ends()
    {
        FailingFlushStorage storage = new();
        await using OpcUaSimulator simulator = Start(out _);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), storage, "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Adapter.Statistics.ReceivedTotal > 0, "the first value is stored");
        await rig.RestartAsync(static () => { }, HoldSearch);
        Eventually.True(() => rig.Adapter.Statistics.ReceivedTotal > 0, "the first value of the second run is stored");
        storage.Fails = true;
        simulator.SetValue(Count, new UaVariant(UaType.Double, 1.0));

        Assert.IsType<EstreamStorageException>(rig.WaitForFailure());

        Assert.Equal("The adapter is not running.", rig.Adapter.Health.Detail);
        Assert.Contains(rig.Events, one => one.Detail.Contains(StoppedSearch, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_notification_whose_flush_fails_is_not_acknowledged()
    {
        FailingFlushStorage storage = new();
        await using OpcUaSimulator simulator = Start(out _);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), storage, "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Adapter.Statistics.ReceivedTotal > 0, "the first value is stored");
        SimulatedSubscription subscription = simulator.State.Subscriptions[0];
        Eventually.True(() => Unacknowledged(simulator, subscription) == 0, "the first value is acknowledged");

        storage.Fails = true;
        simulator.SetValue(Count, new UaVariant(UaType.Double, 1.0));

        Assert.IsType<EstreamStorageException>(rig.WaitForFailure());
        Assert.Equal(1, Unacknowledged(simulator, subscription));
    }

    private static int Unacknowledged(OpcUaSimulator simulator, SimulatedSubscription subscription)
    {
        lock (simulator.State.Gate)
        {
            return subscription.Available.Count();
        }
    }

    [Fact]
    public async Task A_server_is_disconnected_if_its_connection_event_cannot_be_stored()
    {
        FailingFlushStorage storage = new();
        await using OpcUaSimulator simulator = Start(out _);
        await using AdapterRig rig = new(AdapterRig.Server(simulator.Url, Count), storage, "OpcUaReading", "OpcUaEvent");
        Eventually.True(() => rig.Adapter.Statistics.ReceivedTotal > 0, "the first value is stored");

        await rig.RestartAsync(() => storage.Fails = true);

        Assert.IsType<EstreamStorageException>(rig.WaitForFailure());

        Assert.Equal(0, rig.Adapter.Statistics.Connections);
    }

    /// <summary>The start finds no server, and the search of the older messages lasts until the adapter ends the search.</summary>
    private static OpcUaAdapterOptions HoldSearch(OpcUaAdapterOptions options) => options with
    {
        EarlierMessages = 0,
        SearchOlder = static (search, token) => Task.Run(() =>
        {
            token.WaitHandle.WaitOne();
            search();
        }, CancellationToken.None),
    };

    private static List<long> Received(AdapterRig rig) => [.. rig.AllValues().Select(one => one.GetProperty("received_at").GetInt64())];

    private static OpcUaSimulator Start(out Counter counter)
    {
        OpcUaSimulator simulator = new();
        simulator.AddVariable(Count, new UaVariant(UaType.Double, 0.0));
        counter = new Counter(simulator);
        return simulator;
    }

    /// <summary>Counts up, one value for each notification message.</summary>
    private sealed class Counter(OpcUaSimulator simulator)
    {
        public int Last { get; private set; }

        /// <summary>Sets the next values, each after the one before is stored.</summary>
        public async Task StepsAsync(AdapterRig rig, int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                Eventually.True(() => rig.Values(Count).LastOrDefault(-1) == Last, $"value {Last} is stored");
                simulator.SetValue(Count, new UaVariant(UaType.Double, (double)++Last));
            }

            await Eventually.TrueAsync(() => Task.FromResult(rig.Values(Count).LastOrDefault(-1) == Last), $"value {Last} is stored");
        }

        /// <summary>Sets the next values, each after the server has put the one before into a message.</summary>
        public Task LosesAsync(OpcUaSimulator server, int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                uint sequence = server.State.Subscriptions[0].NextSequence;
                simulator.SetValue(Count, new UaVariant(UaType.Double, (double)++Last));
                Eventually.True(() => server.State.Subscriptions[0].NextSequence > sequence, "the server has created a message");
            }

            return Task.CompletedTask;
        }
    }
}
