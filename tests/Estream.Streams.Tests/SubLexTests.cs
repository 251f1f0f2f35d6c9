using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Messages whose private fields are kept in a sub-lex: values are appended before their message, also across crashes.</summary>
public sealed class SubLexTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly SubLexProgram _queues;
    private readonly EsfSealer _sealer = SubLexProgram.Sealer();

    public SubLexTests()
    {
        _queues = new SubLexProgram(_directory.Path);
    }

    public void Dispose()
    {
        _sealer.Dispose();
        _queues.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Values_go_to_the_sub_lex_queue_and_are_withheld_in_messages()
    {
        using (QueueAppender main = _queues.Main.CreateAppender())
        using (QueueAppender apart = _queues.Apart.CreateAppender())
        {
            EsfAppender<Visit.Writer> visits = Visits(main, apart);
            SubLexProgram.AppendOne(visits, 1);
            SubLexProgram.AppendTwo(visits, 2);
        }

        Assert.Equal([(1, "name 1", null), (2, "name 2", null), (3, "name 3", null)], Read(_queues.Main));
        Assert.Equal([(1, null, "murmur 1"), (2, null, "murmur 2"), (3, null, "murmur 3")], Read(_queues.Apart));
    }

    [Fact]
    public void Aborted_message_is_in_neither_queue()
    {
        using (QueueAppender main = _queues.Main.CreateAppender())
        using (QueueAppender apart = _queues.Apart.CreateAppender())
        {
            EsfAppender<Visit.Writer> visits = Visits(main, apart);
            using (EsfClaim<Visit.Writer> claim = visits.Claim())
            {
                Visit.Writer visit = claim.Begin();
                SubLexProgram.Fill(ref visit, 7);
            }

            using (EsfBatch<Visit.Writer> batch = visits.ClaimBatch(400, 2))
            {
                Visit.Writer visit = batch.Begin();
                SubLexProgram.Fill(ref visit, 8);
                batch.Add(visit);
            }

            SubLexProgram.AppendOne(visits, 9);
        }

        Assert.Equal([(9, "name 9", null)], Read(_queues.Main));
        Assert.Equal([(9, null, "murmur 9")], Read(_queues.Apart));
    }

    [Fact]
    public void Appending_throws_without_a_queue_for_the_sub_lex()
    {
        using QueueAppender main = _queues.Main.CreateAppender();
        using QueueAppender apart = _queues.Apart.CreateAppender();
        Assert.Contains("'clinical'", Assert.Throws<ArgumentException>(() => new EsfAppender<Visit.Writer>(main, _sealer)).Message,
            StringComparison.Ordinal);
        Assert.Contains("apart from the messages", Assert.Throws<ArgumentException>(() => Visits(main, main)).Message,
            StringComparison.Ordinal);
        Assert.Contains("no sub-lex 'clinic'", Assert.Throws<ArgumentException>(
            () => new EsfAppender<Visit.Writer>(main, _sealer,
                new Dictionary<string, QueueAppender> { ["clinical"] = apart, ["clinic"] = apart })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() =>
            EsfStream.From<IoTTelemetry.View>(_queues.Main).AppendTo<Visit.Writer>("p", _queues.Main, 200, Write, _sealer));
        Assert.Throws<ArgumentException>(() =>
            EsfStream.From<IoTTelemetry.View>(_queues.Main)
                .AppendTo<Visit.Writer>("p", _queues.Apart, 200, Write, _sealer, Queues(_queues.Apart)));
        using VersionedByteMap map = VersionedByteMap.Open(_directory.Combine("map"));
        Assert.Throws<ArgumentException>(() => new EsfSignalWriter<Visit.Writer>(map, 200, _sealer));
    }

    [Fact]
    public void Message_is_not_appended_when_the_sub_lex_queue_cannot_be_written()
    {
        using EstreamQueue small = EstreamQueue.Open(_directory.Combine("small"), new QueueOptions { SegmentBytes = 64 << 10 });
        using QueueAppender main = _queues.Main.CreateAppender();
        using (QueueAppender apart = small.CreateAppender())
        {
            EsfAppender<Visit.Writer> visits = Visits(main, apart);
            using AppendClaim open = apart.Claim(100);
            Assert.Throws<InvalidOperationException>(() => SubLexProgram.AppendOne(visits, 1));
        }

        Assert.Empty(Read(_queues.Main));
        Assert.Empty(Read(small));
    }

    [Fact]
    public void A_pipeline_appends_values_and_messages()
    {
        using EstreamQueue readings = EstreamQueue.Open(_directory.Combine("readings"), new QueueOptions { SegmentBytes = 1 << 20 });
        using (QueueAppender appender = readings.CreateAppender())
        {
            var input = new EsfAppender<IoTTelemetry.Writer>(appender);
            for (int i = 1; i <= 3; i++)
            {
                using EsfClaim<IoTTelemetry.Writer> claim = input.Claim(200);
                IoTTelemetry.Writer reading = claim.Begin();
                reading.DeviceId = "a"u8;
                reading.MetricName = "b"u8;
                reading.Value = i;
                claim.Commit(reading);
            }
        }

        using (EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(readings)
            .AppendTo<Visit.Writer>("p", _queues.Main, 200, Write, _sealer, Queues(_queues.Apart)))
        {
            pipeline.RunToEnd();
        }

        Assert.Equal([(1, "name 1", null), (2, "name 2", null), (3, "name 3", null)], Read(_queues.Main));
        Assert.Equal([(1, null, "murmur 1"), (2, null, "murmur 2"), (3, null, "murmur 3")], Read(_queues.Apart));
    }

    [Fact]
    public void After_crashes_no_message_exists_without_its_values()
    {
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        var random = new Random(9);
        int valuesAlone = 0;
        for (int kill = 0; kill < LongRun.Count(8, 200); kill++)
        {
            long before = _queues.Main.GetInfo().NextSequence;
            using ChildProcess child = ChildProcess.StartDotnet(program, ["sublex", _directory.Path]);
            child.WaitForText("running");
            Eventually.True(() => _queues.Main.GetInfo().NextSequence > before, "something is appended before the kill");
            Thread.Sleep(random.Next(60));
            child.Kill();
            child.WaitForExit();
            List<(ulong Number, string? Name, string? Finding)> main = Read(_queues.Main);
            HashSet<ulong> apart = [.. Read(_queues.Apart).Select(value => value.Number)];
            Assert.All(main, message => Assert.Contains(message.Number, apart));
            valuesAlone = apart.Except(main.Select(message => message.Number)).Count();
        }

        // A crash leaves at most the values of the one append in progress.
        Assert.InRange(valuesAlone, 0, 2 * LongRun.Count(8, 200));
    }

    private EsfAppender<Visit.Writer> Visits(QueueAppender main, QueueAppender apart) =>
        new(main, _sealer, new Dictionary<string, QueueAppender> { ["clinical"] = apart });

    private static Dictionary<string, EstreamQueue> Queues(EstreamQueue apart) => new() { ["clinical"] = apart };

    private static void Write(scoped in IoTTelemetry.View reading, ref Visit.Writer visit) =>
        SubLexProgram.Fill(ref visit, (ulong)reading.Value);

    private static List<(ulong Number, string? Name, string? Finding)> Read(EstreamQueue queue)
    {
        using EsfKeyRing ring = new(SubLexProgram.Key());
        using EsfUnsealer unsealer = new(Visit.Schema, ring);
        using QueueTailer tailer = queue.CreateTailer();
        List<(ulong, string?, string?)> found = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(EsfValidator.CheckStored(Visit.Schema, message.Payload).IsOk);
            Assert.True(unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out _).IsOk);
            Visit.View visit = Visit.View.Of(opened);
            found.Add((visit.Number, TextOf(visit.Name), TextOf(visit.Finding)));
        }

        return found;
    }

    private static string? TextOf(EsfPrivate<ReadOnlySpan<byte>> field)
    {
        Assert.False(field.IsAbsent);
        return field.TryGet(out ReadOnlySpan<byte> text) ? System.Text.Encoding.UTF8.GetString(text) : null;
    }
}
