using Estream.Queue;
using Estream.Streams.Growing;

namespace Estream.Streams.TestProcess;

/// <summary>A pipeline whose messages grow twice: readings get a place, and those with a place a rating.</summary>
public sealed class SampleGrowing : IDisposable
{
    private readonly EstreamQueue _readings;
    private readonly EsfPipeline _pipeline;

    /// <summary>Opens what is in a directory, or makes it.</summary>
    public SampleGrowing(string directory)
    {
        _readings = EstreamQueue.Open(ReadingsOf(directory), SamplePipelines.Options);
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

    public static string ReadingsOf(string directory) => Path.Combine(directory, "growing");

    public static uint FloorOf(double value) => 1 + (uint)((long)value % 7);

    /// <summary>Runs it for ever.</summary>
    public static int RunUntilKilled(string directory)
    {
        using SampleGrowing growing = new(directory);
        return SamplePipelines.RunUntilKilled([growing._pipeline]);
    }

    /// <summary>Takes everything that is there.</summary>
    /// <returns>How many messages it had still to take.</returns>
    public long RunToEnd() => _pipeline.RunToEnd();

    public void Dispose()
    {
        _pipeline.Dispose();
        Rated.Dispose();
        _readings.Dispose();
    }
}
