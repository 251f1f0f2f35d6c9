using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: the view shows the last messages correctly, regardless of segment changes.</summary>
public sealed class QueueViewTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ReadGate _gate = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;

    public QueueViewTests()
    {
        _queue = EstreamQueue.Open(_directory.Combine("q"), new QueueOptions { SegmentBytes = 64 * 1024 });
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(5000)]
    public void The_newest_messages_are_returned_oldest_first(int messageCount)
    {
        using QueueRuntime runtime = Open();
        AppendMany(messageCount);

        long[] sequences = [.. Last(runtime, 50).Select(m => m.GetProperty("sequence").GetInt64())];

        Assert.Equal(Enumerable.Range(0, messageCount).TakeLast(50).Select(i => (long)i), sequences);
    }

    [Fact]
    public void The_newest_matching_messages_are_returned_oldest_first()
    {
        using QueueRuntime runtime = Open();
        for (int i = 0; i < 300; i++)
        {
            _appender.Append(Telemetry(i % 3));
        }

        _appender.Append("no message"u8);
        Assert.Equal([291, 294, 297], Chosen(runtime, 3, null, "/devices/pump-0/telemetry"));
        Assert.Equal([298, 299], Chosen(runtime, 2, "estream.iot.**", null));
        Assert.Equal([299], Chosen(runtime, 1, "estream.iot.**", "/devices/*/telemetry"));
        Assert.Equal(100, Chosen(runtime, 1_000, null, "/devices/pump-2/**").Count());
        Assert.Empty(Chosen(runtime, 50, "estream.trading.**", null));
        Assert.Empty(Chosen(runtime, 50, "estream.trading.**", "/devices/*/telemetry"));
        Assert.Empty(Chosen(runtime, 50, null, "/devices/pump-9/telemetry"));
    }

    [Fact]
    public void The_number_of_messages_examined_for_matches_is_limited()
    {
        using QueueRuntime runtime = Open();
        byte[] other = Telemetry(0);
        _appender.Append(Telemetry(1));
        for (int i = 1; i < QueueView.MostLookedAt; i++)
        {
            _appender.Append(other);
        }

        Assert.Equal([0], Chosen(runtime, 50, null, "/devices/pump-1/telemetry"));
        _appender.Append(other);
        Assert.Empty(Chosen(runtime, 50, null, "/devices/pump-1/telemetry"));
        Assert.True(QueueView.MostLookedAt <= QueueCheckpoints.Stride * (QueueCheckpoints.Count - 2), "The marks do not lead so far back.");
    }

    [Fact]
    public void A_reopened_queue_shows_its_messages_even_after_a_segment_change()
    {
        // Between 100 and 1500 messages the log crosses several segment ends, so one of the counts is directly after one.
        for (int i = 0; i < 1500; i += 7)
        {
            AppendMany(7);
            using QueueWatch watch = new(_queue);
            QueueView view = new("q", _queue, watch, new MessageJson(EsfSchemaSet.BuiltIn), _gate);

            JsonElement[] last = [.. Json(writer => view.WriteLast(20, default, writer)).EnumerateArray()];

            Assert.Equal(Math.Min(20, i + 7), last.Length);
            Assert.Equal(i + 6, last[^1].GetProperty("sequence").GetInt64());
        }
    }

    [Fact]
    public void A_message_is_shown_with_its_position_and_fields()
    {
        using QueueRuntime runtime = Open();
        AppendMany(1);

        JsonElement message = Assert.Single(Last(runtime, 50));

        Assert.Equal(["position", "sequence", "time", "queue", "schema", "message", "address"],
            message.EnumerateObject().Select(p => p.Name));
        Assert.Equal("q", message.GetProperty("queue").GetString());
        Assert.Equal("IoTTelemetry", message.GetProperty("schema").GetString());
        Assert.Equal("""{"device_id":"pump-0","timestamp":1,"metric_name":"m","value":0.5}""", message.GetProperty("message").GetRawText());
    }

    [Fact]
    public void An_undecodable_message_is_shown_as_bytes_with_the_reason()
    {
        using QueueRuntime runtime = Open();
        _appender.Append("not ESF at all, but long enough for a header"u8);
        _appender.Append("x"u8);
        _appender.Append(Telemetry(0).AsSpan(0, 20));

        JsonElement[] messages = Last(runtime, 50);

        Assert.Equal(3, messages.Length);
        Assert.All(messages, m => Assert.Equal("{}", m.GetProperty("message").GetRawText()));
        Assert.All(messages, m => Assert.NotEmpty(m.GetProperty("error").GetString()!));
        Assert.Equal(["2046534520746f6e", "", "IoTTelemetry"], messages.Select(m => m.GetProperty("schema").GetString()));
        Assert.Equal("78", messages[1].GetProperty("bytes").GetString());
    }

    /// <summary>Checks that no request shows the bytes of a message that may contain private values in plaintext.</summary>
    [Theory]
    [InlineData("cut")]
    [InlineData("long")]
    [InlineData("of another version")]
    [InlineData("unknown")]
    [InlineData("short")]
    public void Bytes_of_possibly_private_unencrypted_messages_are_not_shown(string how)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTCommand", out EsfSchema? schema));
        EsfSchema writer = how switch
        {
            "unknown" =>
                EsfSchema.FromCanonicalText(schema.Definition.CanonicalText.Replace("IoTCommand", "IoTOrder", StringComparison.Ordinal)),
            "of another version" => EsfSchema.FromCanonicalText(schema.Definition.CanonicalText[..^1] + ",tide?:u8}"),
            _ => schema,
        };
        string canary = Convert.ToHexStringLower("canary: this is who issued it ..."u8[..32]);
        string json =
            $$"""{"issued_by":"{{canary}}","command_id":"{{canary[..32]}}{{canary[..32]}}","device_id":"d","command_type":"t","payload":"{{new string('0', how == "long" ? 600_000 : 2)}}","issued_at":1,"signature":"00"}""";
        byte[] message = new byte[1 << 20];
        EsfStatus status = EsfJson.TryEncode(writer, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        byte[] stored = how == "short" ? Convert.FromHexString(canary[..30]) : message[..(length - (how == "long" ? 0 : 1))];
        using EstreamQueue queue = EstreamQueue.Open(_directory.Combine(how), new QueueOptions { SegmentBytes = 4 << 20 });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(stored);
        using QueueRuntime runtime = new("q", queue, new MessageJson(EsfSchemaSet.BuiltIn, hidesUnknown: true), _gate);

        JsonElement shown = Assert.Single(Last(runtime, 1));

        Assert.DoesNotContain(canary[..30], shown.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("", shown.GetProperty("bytes").GetString());
        Assert.EndsWith($"(its {stored.Length} bytes are not shown, because they may contain private values in plaintext)",
            shown.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_with_private_fields_hides_the_bytes_of_unknown_messages()
    {
        HostConfiguration plan = new();
        EstreamBuilder builder = new(plan);
        builder.AddQueue("q").AddMap("latest", "q", "IoTTelemetry", "device_id");
        builder.AddWireAdapter("devices", Settings("Mappings", "IoTTelemetry")).AddWireAdapter("cloud", Settings("Egress", "IoTTelemetry"));
        Assert.False(plan.TakesProtected);
        HostConfiguration mapped = new(), published = new(), kept = new();
        new EstreamBuilder(mapped).AddWireAdapter("devices", Settings("Mappings", "IoTCommand"));
        new EstreamBuilder(published).AddWireAdapter("cloud", Settings("Egress", "IoTCommand"));
        new EstreamBuilder(kept).AddMap("latest", "q", "IoTCommand", "device_id");
        Assert.All([mapped, published, kept], other => Assert.True(other.TakesProtected));

        static WireSettings Settings(string list, string schema) =>
            new("Adapters:a", new Dictionary<string, string?> { [list + ":0:Schema"] = schema });
    }

    [Fact]
    public void A_message_of_another_version_is_decoded_with_the_known_version()
    {
        using QueueRuntime runtime = Open();
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        EsfSchema later = EsfSchema.FromCanonicalText(schema.Definition.CanonicalText[..^1] + ",tide?:u8}");
        byte[] message = new byte[512];
        Assert.True(
            EsfJson.TryEncode(later, """{"device_id":"pump-1","timestamp":1,"metric_name":"m","value":0.5,"tide":3}"""u8, message,
                out int length).IsOk);
        _appender.Append(message.AsSpan(0, length));

        JsonElement shown = Assert.Single(Last(runtime, 1));

        Assert.Equal("IoTTelemetry", shown.GetProperty("schema").GetString());
        Assert.Equal("""{"device_id":"pump-1","timestamp":1,"metric_name":"m","value":0.5}""", shown.GetProperty("message").GetRawText());
    }

    [Fact]
    public void A_huge_message_is_shown_as_its_length()
    {
        using EstreamQueue large = EstreamQueue.Open(_directory.Combine("large"), new QueueOptions { SegmentBytes = 4 << 20 });
        using QueueAppender appender = large.CreateAppender(AppenderMode.Exclusive);
        byte[] message = new byte[1 << 20];
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("DeadLetter", out EsfSchema? schema));
        string json = $$"""{"received_at":1,"source":"s","topic":"t","reason":"r","payload":"{{new string('a', 600_000)}}"}""";
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        appender.Append(message.AsSpan(0, length));
        using QueueRuntime runtime = new("large", large, new MessageJson(EsfSchemaSet.BuiltIn), _gate);

        JsonElement shown = Assert.Single(Last(runtime, 1));

        Assert.Equal("DeadLetter", shown.GetProperty("schema").GetString());
        Assert.StartsWith($"{length} bytes long", shown.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(512, shown.GetProperty("bytes").GetString()!.Length);
    }

    [Fact]
    public void A_closed_gate_rejects_readers()
    {
        using QueueRuntime runtime = Open();
        long watched = runtime.Watch.Extent().NextSequence;
        AppendMany(3);
        _gate.Close();

        Assert.Throws<ObjectDisposedException>(() => Last(runtime, 1));
        Assert.Equal(0, runtime.Watch.Extent().NextSequence - watched);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damage_before_the_end_is_skipped_and_logged_once(bool isThereAtTheStart)
    {
        using QueueRuntime early = Open();
        AppendMany(1500);
        Damage(SegmentBefore(_queue.GetInfo().EndPosition));
        using QueueRuntime late = Open();
        QueueRuntime runtime = isThereAtTheStart ? late : early;

        runtime.Watch.Advance();

        Assert.IsType<EstreamCorruptionException>(runtime.Watch.TakeDamage());
        Assert.Null(runtime.Watch.TakeDamage());
        Assert.Equal(1500, runtime.Watch.Extent().NextSequence);
        AppendMany(3);
        Assert.Equal([1500, 1501, 1502], Last(runtime, 50).Select(m => m.GetProperty("sequence").GetInt64()));
    }

    [Fact]
    public void Damage_at_the_end_is_logged_once_without_an_exception()
    {
        using QueueRuntime runtime = Open();
        AppendMany(1500);
        Damage(SegmentBefore(_queue.GetInfo().EndPosition) + 1);

        runtime.Watch.Advance();
        Assert.NotNull(runtime.Watch.TakeDamage());
        runtime.Watch.Advance();

        Assert.Null(runtime.Watch.TakeDamage());
    }

    [Fact]
    public void A_long_log_is_counted_in_parts_with_correct_numbers_meanwhile()
    {
        AppendMany(1500);
        using QueueWatch watch = new(_queue, messagesPerAdvance: 100);

        for (int i = 0; i < 5; i++)
        {
            watch.Advance();
            Assert.Equal((1500, _queue.GetInfo().EndPosition), (watch.Extent().NextSequence, watch.Extent().EndPosition));
        }

        AppendMany(5);
        for (int i = 0; i < 20; i++)
        {
            watch.Advance();
        }

        Assert.Equal(1505, watch.Extent().NextSequence);
    }

    private long SegmentBefore(long position) => (position / _queue.SegmentBytes) - 1;

    /// <summary>Makes the first frame of a segment longer than the segment.</summary>
    private void Damage(long segment)
    {
        long headerBytes = _queue.GetInfo().FirstPosition % _queue.SegmentBytes;
        string[] files = [.. Directory.GetFiles(_queue.Directory, "*.seg").Order(StringComparer.Ordinal)];
        using FileStream file = new(files[segment], FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Seek(headerBytes, SeekOrigin.Begin);
        file.Write(BitConverter.GetBytes(0x00FF_FFFF));
    }

    [Fact]
    public void An_event_contains_the_newest_messages_of_all_queues_with_quiet_queues_first()
    {
        using EstreamQueue other = EstreamQueue.Open(_directory.Combine("other"));
        using QueueAppender otherAppender = other.CreateAppender(AppenderMode.Exclusive);
        using QueueRuntime busy = Open();
        using QueueRuntime quiet = new("quiet", other, new MessageJson(EsfSchemaSet.BuiltIn), _gate);
        NewestMessages newest = new();
        Assert.Null(newest.Collect([busy, quiet], isWatched: true));

        AppendMany(500);
        otherAppender.Append(Telemetry(0));
        busy.Watch.Advance();
        quiet.Watch.Advance();
        JsonElement[] shown = [.. JsonDocument.Parse(newest.Collect([busy, quiet], isWatched: true)!).RootElement.EnumerateArray()];

        Assert.Equal(NewestMessages.MaxCount, shown.Length);
        Assert.Equal("quiet", shown[0].GetProperty("queue").GetString());
        Assert.Equal(499, shown[^1].GetProperty("sequence").GetInt64());
        Assert.Null(newest.Collect([busy, quiet], isWatched: true));
    }

    [Fact]
    public void The_first_event_contains_the_newest_existing_messages()
    {
        AppendMany(60);
        using QueueRuntime runtime = Open();
        runtime.Watch.Advance();
        NewestMessages newest = new();

        JsonElement[] shown = [.. JsonDocument.Parse(newest.Collect([runtime], isWatched: true)!).RootElement.EnumerateArray()];

        Assert.Equal(Enumerable.Range(10, 50), shown.Select(m => m.GetProperty("sequence").GetInt32()));
    }

    private QueueRuntime Open() => new("q", _queue, new MessageJson(EsfSchemaSet.BuiltIn), _gate);

    private void AppendMany(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _appender.Append(Telemetry(i));
        }
    }

    private static byte[] Telemetry(int device)
    {
        byte[] message = new byte[512];
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        string json = $$"""{"device_id":"pump-{{device}}","timestamp":1,"metric_name":"m","value":0.5}""";
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }

    private static JsonElement[] Last(QueueRuntime runtime, int count) =>
        [.. Json(writer => runtime.View.WriteLast(count, default, writer)).EnumerateArray()];

    private static IEnumerable<long> Chosen(QueueRuntime runtime, int count, string? lattice, string? path)
    {
        MessagePatterns patterns =
            new(lattice is null ? null : EsfAddressPattern.Parse(lattice), path is null ? null : EsfAddressPattern.Parse(path));
        return Json(writer => runtime.View.WriteLast(count, patterns, writer)).EnumerateArray()
            .Select(message => message.GetProperty("sequence").GetInt64());
    }

    private static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            write(writer);
        }

        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }
}
