using Estream.Queue;
using Estream.Streams.Growing;

namespace Estream.Streams.TestProcess;

/// <summary>A pipeline whose messages are widened twice: readings get a place, and then a rating.</summary>
public sealed class SampleGrowing : IDisposable
{
    private readonly EstreamQueue _readings;
    private readonly EsfPipeline _pipeline;

    /// <summary>Opens the sample in a directory, or creates it.</summary>
    public SampleGrowing(string directory)
    {
        _readings = EstreamQueue.Open(Path.Combine(directory, "growing"), SamplePipelines.Options);
        Rated = EstreamQueue.Open(Path.Combine(directory, "rated"), SamplePipelines.Options);
        _pipeline = EsfStream.From<Measurement.View>(_readings)
            .Where((scoped in reading) => SamplePipelines.IsOdd(reading.Value))
            .Widen(PlacedReading.Extending, 200, (scoped in reading, ref placed) =>
            {
                placed.Floor = FloorOf(reading.Value);
                placed.Room = "b12"u8;
            })
            .Where((scoped in placed) => placed.Floor != 3)
            .Widen(RatedReading.Extending, 300, (scoped in placed, ref rated) =>
            {
                rated.Rating = placed.Value / placed.Floor;
                rated.Reason = placed.Device;
            })
            .AppendTo("rated", Rated, 300);
    }

    public EstreamQueue Rated { get; }

    public int Count => (int)_readings.GetInfo().NextSequence;

    public static uint FloorOf(double value) => 1 + (uint)((long)value % 7);

    /// <summary>Runs the pipeline and feeds it, forever.</summary>
    public static int RunUntilKilled(string directory)
    {
        using SampleGrowing growing = new(directory);
        using QueueAppender appender = growing._readings.CreateAppender(AppenderMode.Exclusive);
        var readings = new EsfAppender<Measurement.Writer>(appender);
        return Feeder.RunUntilKilled([growing._pipeline], appender, () => Append(appender.NextSequence, readings));
    }

    /// <summary>Processes all messages in the queue.</summary>
    /// <returns>The number of messages processed.</returns>
    public long RunToEnd() => _pipeline.RunToEnd();

    public void Dispose()
    {
        _pipeline.Dispose();
        Rated.Dispose();
        _readings.Dispose();
    }

    private static void Append(long number, EsfAppender<Measurement.Writer> readings)
    {
        using EsfClaim<Measurement.Writer> claim = readings.Claim();
        Measurement.Writer writer = claim.Begin();
        writer.Device = "pump-7"u8;
        writer.Value = number;
        claim.Commit(writer);
    }
}
