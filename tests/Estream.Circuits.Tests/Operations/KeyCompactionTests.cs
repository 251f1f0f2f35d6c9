using System.Text;
using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Compaction;
using Estream.Circuits.TestProcess;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Circuits.Tests.Operations;

/// <summary><c>queue.compact</c> with <c>by</c>: the newest message of each key stays, whatever happens meanwhile.</summary>
public sealed class KeyCompactionTests : OperationCase
{
    private const int Keys = 40;

    private static readonly CircuitReadResult s_read =
        CircuitReader.Read(CompactionWork.File, "compact.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);

    private readonly Dictionary<string, long?> _expected = [];
    private readonly byte[] _room = new byte[4_096];
    private long _value;

    private static Circuit Compact => s_read.Circuit!;

    private static EsfSchema Reading => s_read.Schemas.TryGet("acme.compact.v1.Reading", out EsfSchema? reading) ? reading : null!;

    private static CompactionRule Rule => Compact.Operation!.Compaction!;

    [Fact]
    public void Newest_messages_stay_and_whole_segments_are_reclaimed()
    {
        EstreamQueue log = Queue("log");
        using OperationCircuit compact = Own(OperationCircuit.Open(Compact, With(log)));
        Write(log, 5_000);
        int before = log.GetInfo().SegmentCount;
        string result = Do(compact, "{}");
        Assert.Contains("\"status\":\"Done\"", result, StringComparison.Ordinal);
        Assert.True(log.GetInfo().SegmentCount <= 3, $"{before} segments became {log.GetInfo().SegmentCount}: {result}");
        AssertNewest(log);
        Assert.Contains("\"segments\":0", Do(compact, "{}"), StringComparison.Ordinal);
        Assert.Equal("""{"status":"Invalid"}""", Do(compact, """{"retained_bytes":1}"""));
    }

    [Fact]
    public void A_tombstone_is_kept_for_its_retention_and_then_forgotten()
    {
        EstreamQueue log = Queue("log", new QueueOptions { SegmentBytes = 64 << 10, Clock = Clock });
        using KeyCompactor compactor = new(log, Rule, AppenderMode.Shared, Clock);
        Write(log, 500);
        Append(log, "key-0", null);
        Write(log, 2_000, from: 1);
        _ = compactor.Run();
        AssertNewest(log);
        Assert.Contains("key-0", Newest(log).Keys);
        Clock.Pass(TimeSpan.FromHours(2));
        for (int round = 0; round < 3; round++)
        {
            Write(log, 2_000, from: 1);
            _ = compactor.Run();
        }

        Assert.DoesNotContain("key-0", Newest(log).Keys);
        _expected.Remove("key-0");
        AssertNewest(log);
    }

    [Theory]
    [InlineData("claim")]
    [InlineData("commit")]
    [InlineData("reclaim")]
    public void A_crash_at_any_step_loses_nothing(string step)
    {
        for (int crash = 0; crash < 3; crash++)
        {
            EstreamQueue log = Queue("log");
            Write(log, 3_000);
            int left = crash + 1;
            KeyCompactor compactor = new(log, Rule, AppenderMode.Shared, Clock);
            compactor.Stepping = at =>
            {
                if (at == step && --left == 0)
                {
                    throw new InvalidOperationException("crash");
                }
            };
            _ = Record.Exception(() => { _ = compactor.Run(); });
            AssertNewest(log);
            compactor.Dispose();
            End();

            EstreamQueue again = Queue("log");
            AssertNewest(again);
            using (KeyCompactor rest = new(again, Rule, AppenderMode.Shared, Clock))
            {
                _ = rest.Run();
            }

            AssertNewest(again);
            Assert.True(again.GetInfo().SegmentCount <= 3);
            End();
        }
    }

    [Theory]
    [InlineData(AppenderMode.Shared)]
    [InlineData(AppenderMode.Exclusive)]
    public void A_message_appended_just_before_the_claim_is_not_replaced_by_an_older_one(AppenderMode mode)
    {
        EstreamQueue log = Queue("log");
        Append(log, "key-0", ++_value);
        Write(log, 3_000, from: 1);
        using KeyCompactor compactor = new(log, Rule, mode, Clock);
        bool isFirst = true;
        compactor.Stepping = at =>
        {
            if (at == "claim" && isFirst)
            {
                isFirst = false;
                using QueueAppender appender = log.CreateAppender(mode);
                Append(appender, "key-0", ++_value);
            }
        };
        _ = compactor.Run();
        Assert.False(isFirst);
        AssertNewest(log);
    }

    [Property(30, 1_000)]
    public Property Any_order_of_writes_and_compactions_keeps_the_newest_messages() => Prop.ForAll(
        Gen.Choose(0, 3).SelectMany(kind => Gen.Choose(0, Keys - 1).Select(key => (kind, key))).ArrayOf().Resize(60).ToArbitrary(),
        steps =>
        {
            _expected.Clear();
            using TempDirectory directory = new();
            using EstreamQueue log = EstreamQueue.Open(directory.Path, new QueueOptions { SegmentBytes = 64 << 10 });
            KeyCompactor compactor = new(log, Rule, AppenderMode.Shared, Clock);
            foreach ((int kind, int key) in steps)
            {
                switch (kind)
                {
                    case 0:
                        _ = compactor.Run();
                        break;
                    case 1:
                        compactor.Dispose();
                        compactor = new KeyCompactor(log, Rule, AppenderMode.Shared, Clock);
                        break;
                    case 2:
                        Append(log, $"key-{key}", null);
                        break;
                    default:
                        Write(log, 400, from: key / 2);
                        break;
                }
            }

            compactor.Dispose();
            AssertNewest(log);
        });

    [Fact]
    public async Task A_concurrent_writer_is_never_overtaken_by_an_older_copy()
    {
        using TempDirectory directory = new();
        using CompactionWork work = new(directory.Path);
        const int Rounds = 300;
        Task writing = Task.Run(() =>
        {
            using QueueAppender appender = work.Appender();
            for (int value = 1; value <= Rounds; value++)
            {
                for (int key = 0; key < CompactionWork.Keys; key++)
                {
                    work.Append(appender, key, value);
                }
            }
        });
        long reclaimed = 0;
        do
        {
            reclaimed += work.Compact();
        }
        while (!writing.IsCompleted || reclaimed == 0);

        await writing;
        Assert.Equal(CompactionWork.Keys, work.Newest().Count);
        Assert.All(work.Newest().Values, value => Assert.Equal(Rounds, value));
    }

    [Fact]
    public void A_reader_keeps_its_segment_and_nothing_is_copied_twice()
    {
        EstreamQueue log = Queue("log");
        QueueTailer reader = Own(log.CreateTailer("slow"));
        using KeyCompactor compactor = new(log, Rule, AppenderMode.Shared, Clock);
        Write(log, 3_000);
        Assert.Equal(0, compactor.Run().Segments);
        long end = log.GetInfo().NextSequence;
        Assert.True(compactor.Run().SegmentsBeyond > 0);
        Assert.Equal(end, log.GetInfo().NextSequence);
        while (reader.TryRead(out _))
        {
        }

        reader.Commit();
        Assert.True(compactor.Run().Segments > 0);
        AssertNewest(log);
    }

    [Fact]
    public void A_message_without_a_key_stops_the_compaction()
    {
        EstreamQueue log = Queue("log");
        using OperationCircuit compact = Own(OperationCircuit.Open(Compact, With(log)));
        Write(log, 3_000);
        using (QueueAppender appender = log.CreateAppender())
        {
            appender.Append([1, 2, 3]);
        }

        Assert.Contains("'device'", Assert.Throws<EstreamFormatException>(() => Do(compact, "{}")).Message, StringComparison.Ordinal);
        Assert.Equal(0, log.GetInfo().FirstSequence);
    }

    [Fact]
    public void Killed_processes_lose_no_newest_message()
    {
        using TempDirectory directory = new();
        string program = BuiltProgram.Find("tests/Estream.Circuits.TestProcess", "Estream.Circuits.TestProcess.dll");
        Random random = new(4711);
        long before = 0;
        for (int kill = 0; kill < LongRun.Count(4, 100); kill++)
        {
            using (ChildProcess child = ChildProcess.StartDotnet(program, ["compact", directory.Path]))
            {
                child.WaitForText("running");
                Thread.Sleep(random.Next(200));
                child.Kill();
                Assert.True(child.Error.Length == 0, child.Error);
            }

            using CompactionWork work = new(directory.Path);
            IReadOnlyDictionary<string, long> newest = work.Newest();
            (long least, long most) = (newest.Values.Min(), newest.Values.Max());
            Assert.Equal(CompactionWork.Keys, newest.Count);
            Assert.True(least >= before && most - least <= 1, $"values from {least} to {most} after {before}");
            before = least;
        }
    }

    [Fact]
    public void An_encrypted_queue_is_refused()
    {
        using QueueKeyRing keys = new("k1", new byte[QueueKeyRing.KeyBytes]);
        EstreamQueue log = Queue("log", new QueueOptions { SegmentBytes = 64 << 10, Keys = keys });
        Assert.Contains("encrypted", Assert.Throws<ArgumentException>(() => OperationCircuit.Open(Compact, With(log))).Message,
            StringComparison.Ordinal);
        End();
    }

    private void Write(EstreamQueue log, int messages, int from = 0)
    {
        using QueueAppender appender = log.CreateAppender();
        for (int i = 0; i < messages; i++)
        {
            Append(appender, $"key-{from + (i % (Keys - from))}", ++_value);
        }
    }

    private void Append(EstreamQueue log, string key, long? value)
    {
        using QueueAppender appender = log.CreateAppender();
        Append(appender, key, value);
    }

    private void Append(QueueAppender appender, string key, long? value)
    {
        EsfMessageBuilder reading = EsfMessageBuilder.Begin(Reading, _room);
        _ = reading.TrySet(Reading.Fields[0], Encoding.UTF8.GetBytes(key));
        if (value is { } some)
        {
            _ = reading.TrySet(Reading.Fields[1], (Int128)some);
        }

        _ = reading.TrySet(Reading.Fields[2], new byte[150]);
        Assert.True(reading.TryFinish(out ReadOnlySpan<byte> message));
        appender.Append(message);
        _expected[key] = value;
    }

    private void AssertNewest(EstreamQueue log) => Assert.Equal(
        _expected.Select(one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal),
        Newest(log).Select(one => $"{one.Key}={one.Value}").Order(StringComparer.Ordinal));

    private static Dictionary<string, long?> Newest(EstreamQueue log)
    {
        Dictionary<string, long?> newest = [];
        using QueueTailer tailer = log.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            _ = Reading.Fields[0].TryGetBytes(message.Payload, out ReadOnlySpan<byte> device);
            newest[Encoding.UTF8.GetString(device)] = Reading.Fields[1].TryGetInt64(message.Payload, out long value) ? value : null;
        }

        return newest;
    }
}
