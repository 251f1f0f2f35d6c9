using System.Text;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

public class IngressTests
{
    private const string Json = """{"timestamp":17,"metric_name":"pressure","value":20.5}""";

    [Fact]
    public void First_matching_mapping_wins()
    {
        using IngressRig rig = new(
            null,
            TopicMapping.Json("devices/{device_id}/telemetry", Schemas.Iot, "data"),
            TopicMapping.Raw("devices/{name}/#", Schemas.Get("Blob"), "data", "content"));

        Assert.Equal(IngressStatus.Stored, rig.Append("devices/a/telemetry", Json));
        Assert.Equal(IngressStatus.Stored, rig.Append("devices/a/photo", [0xCA, 0xFE]));
        Assert.Equal(IngressStatus.Stored, rig.Append("devices/b/telemetry", Json));

        Assert.Equal(
            [
                """{"device_id":"a","timestamp":17,"metric_name":"pressure","value":20.5}""",
                """{"name":"a","content":"cafe"}""",
                """{"device_id":"b","timestamp":17,"metric_name":"pressure","value":20.5}""",
            ],
            Schemas.ReadAll(rig.Data));
    }

    [Fact]
    public void Who_waits_for_the_newest_message_of_an_earlier_process_waits_for_the_whole_log()
    {
        using TempDirectory folder = new();
        using EstreamQueue queue = EstreamQueue.Open(folder.Combine("data"));
        using EstreamQueue deadLetters = EstreamQueue.Open(folder.Combine("dead-letters"));
        using (QueueAppender earlier = queue.CreateAppender(AppenderMode.Exclusive))
        {
            _ = earlier.Append("first"u8);
        }

        long end = queue.GetInfo().EndPosition;
        using IngressSinks sinks = new(deadLetters, Schemas.Set);
        Assert.Equal(end - 1, sinks.Add("data", queue).Newest.Position);
    }

    [Fact]
    public void Repeated_topic_has_the_same_captures()
    {
        using IngressRig rig = new(null, TopicMapping.Json("{device_id}/{metric_name}", Schemas.Iot, "data"));

        foreach (string topic in new[] { "a/x", "a/x", "b/x", "b/x", "a/x" })
        {
            Assert.Equal(IngressStatus.Stored, rig.Append(topic, """{"timestamp":1,"value":1}"""));
        }

        Assert.Equal(["a", "a", "b", "b", "a"], Schemas.ReadAll(rig.Data).Select(json => json.Split('"')[3]));
        Assert.Equal("a/x", Encoding.UTF8.GetString(rig.Writer.LastTopic));
    }

    [Theory]
    [InlineData("not json", "JSON")]
    [InlineData("""{"timestamp":17,"metric_name":"pressure"}""", "field 'value'")]
    [InlineData("""{"timestamp":17,"metric_name":"pressure","value":"x"}""", "field 'value'")]
    [InlineData("""{"timestamp":17,"metric_name":"pressure","value":1,"extra":2}""", "extra")]
    [InlineData("""{"device_id":"other","timestamp":17,"metric_name":"pressure","value":1}""", "field 'device_id'")]
    [InlineData("", "JSON")]
    public void Message_that_does_not_fit_becomes_a_dead_letter_with_reason_source_topic_and_bytes(string payload, string reason)
    {
        using IngressRig rig = new(null, TopicMapping.Json("devices/{device_id}/telemetry", Schemas.Iot, "data"));

        Assert.Equal(IngressStatus.DeadLettered, rig.Append("devices/a/telemetry", payload));

        Assert.Empty(Schemas.ReadAll(rig.Data));
        string letter = Assert.Single(Schemas.ReadAll(rig.DeadLetters));
        Assert.Contains(reason, letter, StringComparison.Ordinal);
        Assert.Contains("\"source\":\"rig\"", letter, StringComparison.Ordinal);
        Assert.Contains("\"topic\":\"devices/a/telemetry\"", letter, StringComparison.Ordinal);
        Assert.Contains($"\"payload\":\"{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(payload))}\"", letter, StringComparison.Ordinal);
        Assert.Equal(AdapterEventKind.DeadLettered, Assert.Single(rig.Events).Kind);
    }

    [Fact]
    public void Message_without_a_mapping_becomes_a_dead_letter()
    {
        using IngressRig rig = new(null, TopicMapping.Json("devices/{device_id}/telemetry", Schemas.Iot, "data"));

        Assert.Equal(IngressStatus.NotMapped, rig.Append("elsewhere", Json));

        Assert.Contains("no mapping", Assert.Single(Schemas.ReadAll(rig.DeadLetters)), StringComparison.Ordinal);
    }

    [Fact]
    public void Message_larger_than_estimated_is_stored()
    {
        // A JSON member such as "a":"" takes seven bytes with its comma, but more than twice that number in the ESF message.
        using IngressRig rig = new(null, TopicMapping.Json("devices/{device_id}/telemetry", Schemas.Iot, "data"));
        string metadata = string.Join(',', Enumerable.Range(0, 10_000).Select(n => $"\"{n:D4}\":\"\""));

        Assert.Equal(
            IngressStatus.Stored,
            rig.Append("devices/a/telemetry", $$$"""{"timestamp":17,"metric_name":"m","value":1,"metadata":{{{{metadata}}}}}"""));

        Assert.Contains("\"9999\":\"\"", Assert.Single(Schemas.ReadAll(rig.Data)), StringComparison.Ordinal);
    }

    [Fact]
    public void Message_longer_than_a_segment_becomes_a_truncated_dead_letter()
    {
        QueueOptions small = new() { SegmentBytes = 64 * 1024 };
        using IngressRig rig = new(small, TopicMapping.Raw("{name}", Schemas.Get("Blob"), "data", "content"));

        Assert.Equal(IngressStatus.DeadLettered, rig.Append("a", new byte[100_000]));
        Assert.Equal(IngressStatus.Stored, rig.Append("a", new byte[1_000]));

        string letter = Assert.Single(Schemas.ReadAll(rig.DeadLetters));
        Assert.Contains("larger segments", letter, StringComparison.Ordinal);
        Assert.Contains("of 100000 bytes are kept", letter, StringComparison.Ordinal);
        Assert.Single(Schemas.ReadAll(rig.Data));
    }

    [Fact]
    public void Topic_too_long_for_the_dead_letter_queue_is_truncated()
    {
        using IngressRig rig = new(new QueueOptions { SegmentBytes = 64 * 1024 });

        Assert.Equal(IngressStatus.NotMapped, rig.Append(new string('a', ushort.MaxValue), "x"));

        string letter = Assert.Single(Schemas.ReadAll(rig.DeadLetters));
        Assert.Contains("only the first 1024 of 65535 bytes of the topic are kept", letter, StringComparison.Ordinal);
        Assert.Contains("\"payload\":\"78\"", letter, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_raw_payload_does_not_keep_its_buffer()
    {
        using IngressRig rig = new(null, TopicMapping.Raw("{name}", Schemas.Get("Blob"), "data", "content"));

        Assert.Equal(IngressStatus.Stored, rig.Append("a", new byte[500_000]));
        Assert.InRange(rig.Writer.BufferedBytes, 0, 64 * 1024);
        Assert.Equal(IngressStatus.Stored, rig.Append("b", [0xCA, 0xFE]));

        Assert.Equal("""{"name":"b","content":"cafe"}""", Schemas.ReadAll(rig.Data)[1]);
    }

    [Fact]
    public void Append_does_not_allocate()
    {
        using IngressRig rig = new(null, TopicMapping.Json("devices/{device_id}/telemetry", Schemas.Iot, "data"));
        byte[] one = "devices/a/telemetry"u8.ToArray();
        byte[] two = "devices/b/telemetry"u8.ToArray();
        byte[] payload = Encoding.UTF8.GetBytes(Json);

        long bytes = Testing.AllocationMeter.OnThisThread(5_000, () =>
        {
            rig.Writer.Append(new WireMessage(one, payload));
            rig.Writer.Append(new WireMessage(one, payload));
            rig.Writer.Append(new WireMessage(two, payload));
            rig.Writer.Release();
        });

        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Mapping_to_a_missing_queue_is_refused()
    {
        using IngressRig rig = new();

        ArgumentException failure = Assert.Throws<ArgumentException>(
            () => new IngressRoutes([TopicMapping.Json("a/{device_id}", Schemas.Iot, "nowhere")], rig.Sinks));

        Assert.Contains("'nowhere' does not exist; the queues are: apart, data", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_connections_share_one_queue()
    {
        using IngressRig rig = new();
        const int Writers = 4;
        const int PerWriter = 5_000;
        IngressRoutes routes = new([TopicMapping.Json("{device_id}", Schemas.Iot, "data")], rig.Sinks);

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            using IngressWriter own = new(routes, rig.Context, new AdapterEventLog("rig", Core.SystemClock.Instance, _ => { }));
            byte[] topic = Encoding.UTF8.GetBytes($"device-{writer}");
            for (int number = 0; number < PerWriter; number++)
            {
                byte[] payload = Encoding.UTF8.GetBytes($$"""{"timestamp":{{number}},"metric_name":"m","value":1}""");
                Assert.Equal(IngressStatus.Stored, own.Append(new WireMessage(topic, payload)));
                if (number % 7 == 0)
                {
                    own.Release();
                }
            }
        })));

        IReadOnlyList<string> all = Schemas.ReadAll(rig.Data);
        Assert.Equal(Writers * PerWriter, all.Count);
        Assert.Equal(Writers * PerWriter, rig.Sink.Messages);
        for (int writer = 0; writer < Writers; writer++)
        {
            Assert.Equal(
                Enumerable.Range(0, PerWriter)
                    .Select(number => $$"""{"device_id":"device-{{writer}}","timestamp":{{number}},"metric_name":"m","value":1}"""),
                all.Where(json => json.StartsWith($$"""{"device_id":"device-{{writer}}",""", StringComparison.Ordinal)));
        }
    }
}
