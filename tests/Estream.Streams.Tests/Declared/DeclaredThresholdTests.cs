using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>Declared thresholds.</summary>
public sealed class DeclaredThresholdTests : DeclaredCase
{
    private const string Set =
        "key: device, schema: Hot, set: { name: crossing.key, is_hot: crossing.raised, celsius: crossing.value, at: at, small: count }";

    [Fact]
    public void Crossing_message_yields_a_result()
    {
        Append("readings", "Reading", At(1, "a", 80), At(2, "a", 80.5), At(3, "b", 99), At(4, "a", 76), """{"device":"a","at":5}""",
            At(6, "a", 74.5), At(7, "a", 80));
        for (int round = 0; round < 2; round++)
        {
            Run("hot", $"value: value, raise_above: 80.0, clear_below: 75, {Set}").Dispose();
            Assert.Equal([Hot("a", 2, true, "80.5"), Hot("b", 3, true, "99"), Hot("a", 6, false, "74.5")], Read("hot"));
        }
    }

    [Fact]
    public void Thresholds_support_low_values_whole_numbers_times_and_other_names()
    {
        Append(
            "readings", "Reading", Counted(1, "a", 4), Counted(5, "a", 4), Counted(7, "b", 1), Counted(11, "a", 3), Counted(12, "b", 9),
            Counted(17, "b", 1), Counted(18, "a", 8), Counted(19, "a", 9));
        using RunningPipeline running = Run(
            "low", "value: count, raise_below: 5, clear_above: 8, for: 10s, time: at, key: device, as: change, at_most: 5, schema: Hot, "
            + "set: { name: device, is_hot: change.raised, small: count }");
        Assert.Equal(["""{"name":"a","small":3,"is_hot":true}""", """{"name":"a","small":9,"is_hot":false}"""], Read("low"));
    }

    [Fact]
    public void Crossings_can_be_kept_in_a_map()
    {
        Append("readings", "Reading", At(1, "a", 81), At(2, "b", 81), At(3, "a", 1));
        using RunningPipeline running = Run(
            $"hot: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ threshold: {{ value: value, raise_above: 80, clear_below: "
            + $"75, {Set} }} }}], to: {{ map: hot, key: name }} }}");
        Assert.Equal((Hot("a", 3, false, "1"), Hot("b", 2, true, "81")), (Entry("hot", "a"), Entry("hot", "b")));
    }

    [Theory]
    [InlineData("{ queue: out }", """{"device":"x","at":1,"value":99,"count":300}""",
        "the field 'small' of acme.Hot gets no value that fits from 'count'")]
    [InlineData("{ queue: out }", """{"device":"x","at":1,"value":1,"count":300}""",
        "the field 'small' of acme.Hot gets no value that fits from 'count'")]
    [InlineData("{ map: out, key: small }", """{"device":"x","at":1,"value":99}""", "the key 'small' of the map has no value")]
    public void Message_without_a_possible_result_is_rejected(string to, string refused, string reason)
    {
        // No result could be created from this message, but its value is between the limits, so the message needs no result.
        string between = refused.Replace(":99", ":78", StringComparison.Ordinal)
            .Replace(":1,\"count", ":78,\"count", StringComparison.Ordinal);
        Append("readings", "Reading", refused, between, """{"device":"a","at":2,"value":81,"count":2}""");
        using RunningPipeline running = Run(
            $"hot: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ threshold: {{ value: value, raise_above: 80, clear_below: "
            + $"75, {Set} }} }}], to: {to}, rejected: dead }}");
        Assert.Equal(1, running.Rejected);
        Assert.Contains(reason, Assert.Single(Read("dead")), StringComparison.Ordinal);
        Assert.Equal(1, to.Contains("map", StringComparison.Ordinal) ? Resources.Map("out").Count : Read("out").Count);
    }

    [Fact]
    public void A_message_through_a_threshold_allocates_nothing()
    {
        Append("readings", "Reading", At(1, "a", 81), At(2, "a", 1));
        using QueueTailer tailer = Resources.Queue("readings").CreateTailer();
        List<byte[]> messages = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(message.Payload.ToArray());
        }

        using RunningPipeline running = Run("hot", $"value: value, raise_above: 80, clear_below: 75, {Set}");
        using QueueAppender appender = Resources.Queue("readings").CreateAppender();
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            messages.ForEach(message => appender.Append(message));
            running.Results.RunToEnd();
        }));
        Assert.True(Read("hot").Count > 2_000, "it hardly crossed");
    }

    private static string At(int second, string device, double value) =>
        FormattableString.Invariant($$"""{"device":"{{device}}","at":{{second}}000000000,"value":{{value}}}""");

    private static string Counted(int second, string device, int count) =>
        $$"""{"device":"{{device}}","at":{{second}}000000000,"count":{{count}}}""";

    private static string Hot(string name, int second, bool isHot, string celsius) =>
        $$"""{"name":"{{name}}","celsius":{{celsius}},"is_hot":{{(isHot ? "true" : "false")}},"at":{{second}}000000000}""";

    private RunningPipeline Run(string output, string threshold) =>
        Run($"{output}: {{ from: {{ queue: readings, schema: Reading }}, stages: [{{ threshold: {{ {threshold} }} }}], to: {{ queue: "
            + $"{output} }} }}");
}
