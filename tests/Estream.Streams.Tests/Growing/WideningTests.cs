using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Growing;
using Estream.Testing;

namespace Estream.Streams.Tests.Growing;

/// <summary>Stages that make wider messages of messages.</summary>
public sealed class WideningTests : StreamCase
{
    private const string Noted = """{"device":"pump-7","value":2.5,"note":"n"}""";

    private readonly QueueAppender _appender;
    private readonly EsfStream<Measurement.View> _readings;

    public WideningTests()
    {
        _appender = Queue.CreateAppender();
        _readings = EsfStream.From<Measurement.View>(Queue);
    }

    public override void Dispose()
    {
        _appender.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Widening_keeps_existing_fields_and_adds_set_fields()
    {
        _appender.Append(Encode(Measurement.Schema, Noted));
        _appender.Append(Encode(Measurement.Schema, """{"device":"","value":-1}"""));
        using EstreamQueue output = Open("output");
        using EsfPipeline pipeline = Rated(_readings).AppendTo("rated", output, 300);
        Assert.Equal(2, pipeline.RunToEnd());
        Assert.Equal(
            [
                """{"device":"pump-7","value":2.5,"note":"n","floor":2,"room":"b12","rating":5,"reason":"pump-7"}""",
                """{"device":"","value":-1,"floor":4294967295,"room":"b12","rating":-2,"reason":""}""",
            ],
            Texts(output, RatedReading.Schema));
    }

    [Fact]
    public void Windows_may_follow()
    {
        for (int i = 0; i < 25; i++)
        {
            _appender.Append(Encode(Measurement.Schema, $$"""{"device":"d","value":{{i}}}"""));
        }

        using StateMap<long, Windowed<int, double>> state = StateMap.CreateInMemory<long, Windowed<int, double>>();
        using StateMap<long, double> sums = StateMap.CreateInMemory<long, double>();
        using EsfPipeline pipeline = Rated(_readings)
            .Window(Streams.Windows.Tumbling(TimeSpan.FromSeconds(10)), (scoped in rated) => (long)rated.Value * 1_000_000_000,
                Watermark.Monotonous())
            .Aggregate("sums", state, (scoped in rated) => 0, (ref sum, scoped in rated) => sum += rated.Rating!.Value)
            .Materialize(sums, (scoped in result) => result.Start, (scoped in result) => result.State);
        pipeline.RunToEnd();
        Assert.Equal(2, sums.Count);
        Assert.True(sums.TryGet(0, out double first));
        Assert.Equal(90, first);
    }

    [Fact]
    public void A_message_that_does_not_fit_ends_the_run_and_comes_again()
    {
        _appender.Append(Encode(Measurement.Schema, Noted));
        using EstreamQueue output = Open("output");
        EsfStream<PlacedReading.View> Placed(int maxLength) =>
            _readings.Widen(PlacedReading.Extending, maxLength, (scoped in reading, ref placed) => placed.Floor = 1);
        using (EsfPipeline tooShort = Placed(58).AppendTo("placed", output, 200))
        {
            Assert.Contains("Pass a longer span", Assert.Throws<ArgumentException>(() => tooShort.RunToEnd()).Message,
                StringComparison.Ordinal);
        }

        using (EsfPipeline tooShort = Placed(200).AppendTo("placed", output, 58))
        {
            Assert.Contains("higher maxLength", Assert.Throws<ArgumentException>(() => tooShort.RunToEnd()).Message,
                StringComparison.Ordinal);
        }

        using EsfPipeline pipeline = Placed(200).AppendTo("placed", output, 200);
        Assert.Equal(1, pipeline.RunToEnd());
        Assert.Single(Texts(output, PlacedReading.Schema));
    }

    [Fact]
    public void A_caller_error_is_reported()
    {
        EventWidener<Measurement.View, PlacedReading.Additions> widen = (scoped in reading, ref placed) => placed.Floor = 1;
        Assert.Equal("stream",
            Assert.Throws<ArgumentNullException>(() =>
                ((EsfStream<Measurement.View>)null!).Widen(PlacedReading.Extending, 100, widen)).ParamName);
        Assert.Equal("widen", Assert.Throws<ArgumentNullException>(() => _readings.Widen(PlacedReading.Extending, 100, null!)).ParamName);
        Assert.Equal("maxLength",
            Assert.Throws<ArgumentOutOfRangeException>(() => _readings.Widen(PlacedReading.Extending, 15, widen)).ParamName);
        Assert.Equal("maxLength", Assert.Throws<ArgumentOutOfRangeException>(() => _readings.AppendTo("p", Queue, 15)).ParamName);
        Assert.Equal("sealer",
            Assert.Throws<ArgumentException>(() => EsfStream.From<SecretReading.View>(Queue).AppendTo("p", Queue, 300)).ParamName);
    }

    [Fact]
    public void A_private_field_that_is_added_is_sealed_where_it_is_appended()
    {
        _appender.Append(Encode(Measurement.Schema, Noted));
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using EsfSealer sealer = new(SecretReading.Schema, EsfAudienceKeys.None.With("default", key.PublicKey));
        using EstreamQueue output = Open("output");
        using (EsfPipeline pipeline = _readings.Widen(SecretReading.Extending, 300,
            (scoped in reading, ref secret) => secret.Badge = "B-4711"u8).AppendTo("secret", output, 300, sealer))
        {
            Assert.Equal(1, pipeline.RunToEnd());
        }

        byte[] message = First(output);
        Assert.True(EsfValidator.CheckStored(SecretReading.Schema, message).IsOk);
        Assert.Equal(-1, message.AsSpan().IndexOf("B-4711"u8));
        using EsfKeyRing ring = new(key);
        using EsfUnsealer unsealer = new(SecretReading.Schema, ring);
        Assert.True(unsealer.Open(message, out ReadOnlySpan<byte> opened, out int withheld).IsOk && withheld == 0);
        Assert.True(SecretReading.View.Of(opened).Badge.TryGet(out ReadOnlySpan<byte> badge) && badge.SequenceEqual("B-4711"u8));

        // What is sealed stays so on its way through another pipeline, and cannot become a message of another schema.
        using EstreamQueue copies = Open("copies");
        using (EsfPipeline copy = EsfStream.From<SecretReading.View>(output).AppendTo("copy", copies, message.Length, sealer))
        {
            Assert.Equal(1, copy.RunToEnd());
        }

        Assert.Equal(message, First(copies));
        using StateMap<int, uint> floors = StateMap.CreateInMemory<int, uint>();
        using EsfPipeline refused = EsfStream.From<SecretReading.View>(output)
            .Widen(SecretPlacedReading.Extending, 9_000, (scoped in secret, ref placed) => placed.Floor = 1)
            .Materialize("floors", floors, (scoped in placed) => 0, (scoped in placed) => placed.Floor);
        Assert.Contains("EsfUnsealer", Assert.Throws<EstreamFormatException>(() => refused.RunToEnd()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        using EstreamQueue large = EstreamQueue.Open(Path.Combine(Queue.Directory, "large"));
        using EstreamQueue output = EstreamQueue.Open(Path.Combine(Queue.Directory, "output"));
        using QueueAppender appender = large.CreateAppender();

        // Behind the place where the next segment is asked for, so that none is begun while something is measured.
        appender.Append(new byte[17 << 20]);
        using (QueueAppender first = output.CreateAppender())
        {
            first.Append(new byte[17 << 20]);
        }

        using EsfPipeline pipeline = Rated(EsfStream.From<Measurement.View>(large)).AppendTo("rated", output, 300);
        byte[] reading = Encode(Measurement.Schema, Noted);
        Assert.Equal(0, AllocationMeter.OnThisThread(2_000, () =>
        {
            appender.Append(reading);
            appender.Append(reading);
            pipeline.RunToEnd();
        }));
        Assert.True(pipeline.Read > 4_000);
    }

    private static EsfStream<RatedReading.View> Rated(EsfStream<Measurement.View> readings) => readings
        .Widen(PlacedReading.Extending, 200, (scoped in reading, ref placed) =>
        {
            placed.Floor = (uint)(long)reading.Value;
            placed.Room = "b12"u8;
        })
        .Where((scoped in placed) => !placed.Room.IsEmpty)
        .Widen(RatedReading.Extending, 300, (scoped in placed, ref rated) =>
        {
            rated.Rating = placed.Value * 2;
            rated.SetReason(placed.Device);
        });

    private static List<string> Texts(EstreamQueue queue, EsfSchema schema)
    {
        using QueueTailer tailer = queue.CreateTailer();
        List<string> texts = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            EsfStatus status = EsfValidator.Check(schema, message.Payload);
            Assert.True(status.IsOk, status.ToString());
            texts.Add(EsfJson.ToText(schema, message.Payload));
        }

        return texts;
    }

    private static byte[] First(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        return message.Payload.ToArray();
    }
}
