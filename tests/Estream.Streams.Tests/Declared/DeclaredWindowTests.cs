using Estream.Core;
using Estream.Map;
using Estream.Streams.Pipelines;

namespace Estream.Streams.Tests.Declared;

/// <summary>Declared event-time operators.</summary>
public sealed class DeclaredWindowTests : DeclaredCase
{
    private const string Set =
        "set: { device: key, start: start, until: end, revision: revision, events: count, mean_value: { mean: value }, most: { max: value "
        + "}, total: { sum: count } }";

    private static string Second(double seconds, string device, double value, int count) =>
        FormattableString.Invariant($$"""{"device":"{{device}}","at":{{(long)(seconds * 1e9)}},"value":{{value}},"count":{{count}}}""");

    private static string Mean(string device, double from, double to, int revision, int events, double mean, double most, int total) =>
        FormattableString.Invariant(
            $$"""{"device":"{{device}}","start":{{(long)(from * 1e9)}},"until":{{(long)(to * 1e9)}},"revision":{{revision}},"events":{{events}},"mean_value":{{mean}},"most":{{most}},"total":{{total}}}""");

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("4611686018427387905")]
    public void Message_with_an_invalid_event_time_is_rejected(string time)
    {
        Append("readings", "Reading", Second(1, "a", 1, 10), $$"""{"device":"x","at":{{time}},"value":1,"count":1}""",
            Second(13, "a", 7, 1));
        using RunningPipeline running = Run(
            $"means: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ window: {{ tumbling: 10s, time: at, key: device, "
            + $"schema: Mean, {Set} }} }}], to: {{ queue: means }}, rejected: dead }}");
        Assert.Equal([Mean("a", 0, 10, 0, 1, 1, 1, 10)], Read("means"));
        Assert.Contains("the time 'at'", Assert.Single(Read("dead")), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_are_aggregated_in_windows_and_late_ones_go_to_their_queue()
    {
        Append("readings", "Reading", Second(1, "a", 1, 10), Second(2, "b", 5, 1), Second(9, "a", 4, 20), Second(13, "a", 7, 1),
            Second(3, "a", 9, 9), """{"device":"a","at":14000000000}""");
        using RunningPipeline running = Run($$"""
            means:
              from: { queue: readings, schema: Reading }
              stages:
                - window: { tumbling: 10s, time: at, delay: 2s, key: device, late: late, schema: Mean, {{Set}} }
              to: { queue: means }
              rejected: dead
            """);
        Assert.Equal([Mean("a", 0, 10, 0, 2, 2.5, 4, 30), Mean("b", 0, 10, 0, 1, 5, 5, 1)], Read("means"));
        Assert.Equal([Second(3, "a", 9, 9)], Read("late"));
        Assert.Contains("'value' has no value to aggregate", Assert.Single(Read("dead")), StringComparison.Ordinal);
        Assert.Equal((1L, 1L), (running.Results.Late, running.Rejected));
    }

    [Fact]
    public void Sliding_windows_and_sessions_can_be_declared()
    {
        Append("readings", "Reading", Second(1, "a", 1, 10), Second(3, "a", 3, 20), Second(20, "a", 7, 1), Second(60, "a", 7, 1));
        Run($"sliding: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ window: {{ sliding: {{ size: 4s, every: 2s }}, time: "
            + $"at, key: device, schema: Mean, {Set} }} }}], to: {{ queue: sliding }} }}").Dispose();
        Run($"sessions: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ window: {{ session: 5s, time: at, key: device, "
            + $"schema: Mean, {Set} }} }}], to: {{ queue: sessions }} }}").Dispose();
        Assert.Equal(
            [
                Mean("a", -2, 2, 0, 1, 1, 1, 10), Mean("a", 0, 4, 0, 2, 2, 3, 30), Mean("a", 2, 6, 0, 1, 3, 3, 20),
                Mean("a", 18, 22, 0, 1, 7, 7, 1), Mean("a", 20, 24, 0, 1, 7, 7, 1),
            ],
            Read("sliding"));
        Assert.Equal([Mean("a", 1, 8, 0, 2, 2, 3, 30), Mean("a", 20, 25, 0, 1, 7, 7, 1)], Read("sessions"));
    }

    [Fact]
    public void Results_can_be_kept_in_a_map()
    {
        Append("readings", "Reading", Second(1, "a", 1, 10), Second(12, "a", 1, 11), Second(25, "a", 1, 12));
        using RunningPipeline running = Run(
            $"latest: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ window: {{ tumbling: 10s, time: at, key: device, "
            + $"schema: Mean, {Set} }} }}], to: {{ map: m, key: device }} }}");
        Assert.Equal(Mean("a", 10, 20, 0, 1, 1, 1, 11), Entry("m", "a"));
    }

    [Fact]
    public void Throttle_passes_the_declared_number_of_events()
    {
        Append("readings", "Reading", Second(1, "a", 1, 1), Second(2, "a", 2, 2), Second(3, "a", 3, 3), Second(4, "b", 4, 4),
            Second(30, "b", 5, 5));
        using RunningPipeline drop = Run(
            "drop: { from: { queue: readings, schema: Reading }, stages: [{ throttle: { every: 10s, most: 2, time: at, key: device } }], "
            + "to: { queue: drop } }");
        using RunningPipeline newest = Run(
            "newest: { from: { queue: readings, schema: Reading }, stages: [{ throttle: { every: 10s, most: 1, excess: newest, time: at, "
            + "key: device } }], to: { queue: newest } }");
        Assert.Equal([Second(1, "a", 1, 1), Second(2, "a", 2, 2), Second(4, "b", 4, 4), Second(30, "b", 5, 5)], Read("drop"));
        Assert.Equal([Second(3, "a", 3, 3), Second(4, "b", 4, 4)], Read("newest"));
        Assert.Equal((1L, 2L), (drop.Results.Dropped, newest.Results.Dropped));
    }

    [Theory]
    [InlineData("false", 1)]
    [InlineData("true", 2)]
    public void Two_queues_are_joined(string outer, int results)
    {
        Append("readings", "Reading", Second(1, "a", 12, 1), Second(2, "b", 5, 1), Second(60, "c", 1, 1));
        Append("limits", "Limit", """{"device":"a","at":3000000000,"high":10}""", """{"device":"c","at":90000000000,"high":10}""");
        using RunningPipeline running = Run($$"""
            joined:
              from: { queue: readings, schema: Reading }
              stages:
                - join:
                    with: { queue: limits, schema: Limit, time: at, key: device }
                    as: limit
                    within: 5s
                    time: at
                    key: device
                    outer: {{outer}}
                    schema: Checked
                    set: { device: device, above: value - limit.high }
              to: { queue: joined }
            """);
        Assert.Equal(((string[])["""{"device":"a","above":2}""", """{"device":"b"}"""])[..results], Read("joined"));
    }

    [Theory]
    [InlineData("device", "Named", """{"device":"toolong","at":1000000000,"count":1}""", "\"id\":\"b\"")]
    [InlineData("count", "Numbered", """{"device":"b","at":1000000000,"count":300}""", "\"id\":10")]
    [InlineData("count", "Numbered", """{"device":"b","at":1000000000,"count":-1}""", "\"id\":10")]
    public void Message_with_a_key_too_long_for_the_result_is_rejected(string key, string schema, string refused, string id)
    {
        Append("readings", "Reading", refused, Second(2, "b", 1, 10), Second(13, "b", 7, 10));
        using RunningPipeline running = Run(
            $"counts: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ window: {{ tumbling: 10s, time: at, key: {key}, "
            + $"schema: {schema}, set: {{ id: key, events: count }} }} }}], to: {{ queue: counts }}, rejected: dead }}");
        Assert.Equal([$"{{{id},\"events\":1}}"], Read("counts"));
        Assert.Contains($"does not fit in 'id' of acme.{schema}", Assert.Single(Read("dead")), StringComparison.Ordinal);
    }

    [Fact]
    public void Rejected_messages_of_the_second_join_queue_are_counted_and_written_once()
    {
        const string Joined = """
            joined:
              from: { queue: readings, schema: Reading }
              stages:
                - join:
                    with: { queue: limits, schema: Reading, time: count, key: device }
                    as: limit
                    within: 5s
                    time: at
                    key: device
                    schema: Checked
                    set: { device: device }
              to: { queue: joined }
              rejected: dead
            """;
        Append("readings", "Reading", Second(1, "a", 12, 1));
        Append("limits", "Reading", """{"device":"a","at":1}""", """{"device":"b","at":1,"count":1000000000}""",
            """{"device":"c","at":1}""");
        for (int round = 0; round < 2; round++)
        {
            using RunningPipeline running = Run(Joined);
            Assert.Equal(2 - (2 * round), running.Rejected);
            Assert.Equal(["pipeline-joined.right", "pipeline-joined.right.rejected"], running.Declaration.ReadersIn("limits"));
            Assert.Equal(["pipeline-joined", "pipeline-joined.rejected"], running.Declaration.ReadersIn("readings"));
        }

        List<string> dead = Read("dead");
        Assert.Equal(2, dead.Count);
        Assert.All(dead,
            letter => Assert.Contains("\"topic\":\"limits\",\"reason\":\"the time 'count' of the other message has no value", letter,
                StringComparison.Ordinal));
    }

    [Fact]
    public void Changed_declaration_does_not_reuse_the_former_state()
    {
        const string Windows =
            "means: { from: { queue: readings, schema: Reading }, stages: [{ window: { tumbling: 10s, time: at, key: device, schema: "
            + "Mean, set: { device: key, start: start, until: end, events: count, most: { max: value } } } }], to: { queue: means } }";
        Append("readings", "Reading", Second(1, "a", 1, 1), Second(2, "a", 5, 1), Second(12, "a", 1, 1));
        Run(Windows).Dispose();
        Assert.Single(Read("means"));
        using RunningPipeline changed = Declare(Windows.Replace("max: value", "min: value", StringComparison.Ordinal)).Open(Resources);
        Assert.Throws<EstreamCorruptionException>(() => changed.Results.RunToEnd());
        Assert.Single(Read("means"));
    }

    [Fact]
    public void Throttled_message_without_a_map_key_is_rejected()
    {
        Append("readings", "Reading", Second(1, "a", 1, 7), """{"device":"b","at":2000000000,"value":1}""", Second(3, "c", 1, 8));
        using RunningPipeline running = Run(
            "slow: { from: { queue: readings, schema: Reading }, stages: [{ throttle: { every: 10s, most: 1, time: at, key: device } }], "
            + "to: { map: slow, key: count }, rejected: dead }");
        Assert.Equal((Second(1, "a", 1, 7), Second(3, "c", 1, 8)), (Entry("slow", "7"), Entry("slow", "8")));
        Assert.Contains("the key 'count' of the map has no value", Assert.Single(Read("dead")), StringComparison.Ordinal);
        Assert.Equal(1, running.Rejected);
    }
}
