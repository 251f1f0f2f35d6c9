using Estream.Core;
using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Reading messages of a schema from a queue that also contains other messages.</summary>
public sealed class ReadTests : StreamCase
{
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;
    private readonly EsfTailer<IoTTelemetry.View> _received;

    public ReadTests()
    {
        _appender = Queue.CreateAppender(AppenderMode.Exclusive);
        _tailer = Queue.CreateTailer();
        _received = new EsfTailer<IoTTelemetry.View>(_tailer);
    }

    /// <summary>Messages that a queue may contain besides readings: empty, text, of another schema, truncated within the header.</summary>
    public static TheoryData<byte[]> Strangers => new(
        [],
        "no message of any schema, and longer than a header"u8.ToArray(),
        Alert(),
        Reading(9)[..(EsfMessageHeader.Length - 1)]);

    /// <summary>Unreadable messages with the schema id of readings, and the expected error texts.</summary>
    public static TheoryData<byte[], string> Relatives => new()
    {
        { Encode(Version("unit: { type: string(32) }"), Json), "another version of the schema" },
        {
            Encode(Version("unit: { type: string(32), optional: true }\n      site: { type: u32, optional: true }"), Json),
            "another version of the schema"
        },
        { Reading(9)[..(IoTTelemetry.FixedLength - 1)], $"the fixed block needs {IoTTelemetry.FixedLength}" },
        { Reading(9)[..EsfMessageHeader.Length], $"the fixed block needs {IoTTelemetry.FixedLength}" },
        { WithFormatVersion(2), "does not support its format version or flags" },
    };

    private const string Json = """{"device_id":"pump-7","timestamp":1,"unit":"m3"}""";

    public override void Dispose()
    {
        _tailer.Dispose();
        _appender.Dispose();
        base.Dispose();
    }

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task Messages_of_other_schemas_are_skipped_and_counted(byte[] stranger)
    {
        _appender.Append(Reading(1));
        _appender.Append(stranger);
        _appender.Append(Reading(2));
        _appender.Append(stranger);
        Assert.Equal([1, 2], Values());
        Assert.Equal(2, _received.Passed);
        _tailer.SeekToStart();
        Assert.Equal([1, 2], await ValuesOfLoop(2));
        Assert.Equal(3, _received.Passed);
    }

    [Theory]
    [MemberData(nameof(Relatives))]
    public async Task Unreadable_message_of_the_schema_throws_once_and_is_then_skipped(byte[] relative, string reason)
    {
        _appender.Append(Reading(1));
        long position = _appender.Append(relative);
        _appender.Append(Reading(2));
        Assert.True(_received.TryRead(out _));
        EstreamFormatException error = Assert.Throws<EstreamFormatException>(() => _received.TryRead(out _));
        Assert.Contains($"At position {position}: Not a message of estream.iot.IoTTelemetry", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal([2], Values());
        Assert.Equal(0, _received.Passed);

        _tailer.Seek(position);
        await Assert.ThrowsAsync<EstreamFormatException>(() => ValuesOfLoop(1));
        Assert.Equal([2], await ValuesOfLoop(1));
    }

    [Fact]
    public void Message_of_a_later_version_is_read_up_to_the_known_fields()
    {
        EsfSchema grown = EsfSchema.FromCanonicalText(IoTTelemetry.CanonicalText[..^1] + ",site?:u32}");
        _appender.Append(Encode(grown, """{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":5,"site":9}"""));
        _appender.Append(Reading(6));
        Assert.Equal([5, 6], Values());
        Assert.Equal(0, _received.Passed);
    }

    [Fact]
    public async Task Async_loop_continues_with_new_messages()
    {
        _appender.Append(Reading(1));
        Task<List<double>> loop = Task.Run(() => ValuesOfLoop(3));
        _appender.Append("passed"u8);
        _appender.Append(Reading(2));
        _appender.Append(Reading(3));
        Assert.Equal([1, 2, 3], await loop.WaitAsync(Eventually.DefaultLimit));
    }

    [Fact]
    public async Task Waiting_async_loop_ends_on_cancellation()
    {
        using CancellationTokenSource cancellation = new();
        await using IAsyncEnumerator<EsfEntry<IoTTelemetry.View>> loop = _received.ReadAllAsync(cancellation.Token).GetAsyncEnumerator();
        Task<bool> next = loop.MoveNextAsync().AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Eventually.DefaultLimit));
    }

    [Fact]
    public async Task Entry_is_valid_across_an_await_until_the_tailer_moves()
    {
        long position = _appender.Append(Reading(1));
        _appender.Append(Reading(2));
        await using IAsyncEnumerator<EsfEntry<IoTTelemetry.View>> loop = _received.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await loop.MoveNextAsync());
        EsfEntry<IoTTelemetry.View> entry = loop.Current;
        await Task.Yield();
        Assert.Equal(1, entry.View.Value);
        Assert.Equal((position, 0L), (entry.Position, entry.Sequence));
        Assert.InRange(entry.Time, 1_600_000_000_000_000_000, long.MaxValue);
        Assert.True(await loop.MoveNextAsync());
        Assert.Throws<InvalidOperationException>(() => entry.View.Value);
    }

    [Fact]
    public void Constructor_throws_without_a_tailer()
    {
        Assert.Throws<ArgumentNullException>(() => new EsfTailer<IoTTelemetry.View>(null!));
    }

    private List<double> Values()
    {
        List<double> values = [];
        while (_received.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            values.Add(message.View.Value);
        }

        return values;
    }

    private async Task<List<double>> ValuesOfLoop(int count)
    {
        List<double> values = [];
        await foreach (EsfEntry<IoTTelemetry.View> entry in _received.ReadAllAsync())
        {
            values.Add(entry.View.Value);
            if (values.Count == count)
            {
                break;
            }
        }

        return values;
    }

    /// <summary>Returns the telemetry schema with other last fields.</summary>
    private static EsfSchema Version(string lastFields)
    {
        string text = $$"""
            version: "1.0"
            namespace: estream.iot
            schemas:
              IoTTelemetry:
                fields:
                  device_id: { type: string(64) }
                  timestamp: { type: timestamp }
                  {{lastFields}}
            """;
        EsfSchemaSet set = EsfSchemaSet.Parse(new EsfSchemaFile("other.esf.yaml", text));
        Assert.True(set.TryGet("IoTTelemetry", out EsfSchema? schema));
        return schema;
    }

    private static byte[] WithFormatVersion(byte version)
    {
        byte[] message = Reading(9);
        Assert.Equal(EsfMessageHeader.CurrentVersion, message[14]);
        message[14] = version;
        return message;
    }
}
