using System.Text;
using Estream.Esf;
using Estream.Fuzz.Esf;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Fuzz.Streams;

/// <summary>Damages files of declared pipelines: each is read as it is, or its errors are listed with their lines. A failure names
/// the seed that repeats it.</summary>
public sealed class PipelineFileFuzzTests
{
    private const string File = """
        version: "1.0"
        schemas: [a.esf.yaml]
        pipelines:
          hot:
            description: "x"
            from: { queue: telemetry, schema: estream.iot.IoTTelemetry }
            stages:
              - filter: value > 30.0 and has(location)
              - lookup: { map: limits, holds: IoTTelemetry, as: limit, key: device_id, optional: true, schema: IoTTelemetry, set: { device_id: device_id, timestamp: timestamp, metric_name: 'limit.unit ?? "x"', value: limit.value * 2 } }
            to: { map: hot, key: device_id }
            rejected: dead
            max_bytes: 1000
          means:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - window: { sliding: { size: 1m, every: 10s }, time: timestamp, key: device_id, delay: 5s, lateness: 1s, late: late, at_most: 100, schema: IoTTelemetry, set: { device_id: key, timestamp: end, metric_name: key, value: { mean: value } } }
            to: { queue: means }
          few:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages: [{ throttle: { every: 1s, most: 3, excess: newest, time: timestamp, key: device_id } }]
            to: { queue: few }
          both:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - join: { with: { queue: few, schema: IoTTelemetry, time: timestamp, key: device_id }, as: other, within: 5s, time: timestamp, key: device_id, outer: true, schema: IoTTelemetry, set: { device_id: device_id, timestamp: timestamp, metric_name: metric_name, value: other.value ?? 0.0 } }
            to: { queue: both }
        """;

    [Fact]
    public void A_damaged_pipeline_file_is_read_or_its_errors_are_listed()
    {
        byte[][] files = [Encoding.UTF8.GetBytes(File)];
        Assert.Empty(Read(File).Diagnostics);
        int count = LongRun.Count(3_000, 300_000);
        for (int seed = 0; seed < count; seed++)
        {
            string text = Encoding.UTF8.GetString(new Bytes(seed).Damaged(files));
            try
            {
                PipelineReadResult result = Read(text);
                Assert.True(result.Pipelines.Count > 0 != result.Diagnostics.Count > 0);
                Assert.All(result.Diagnostics, mistake => Assert.InRange(mistake.Position.Line, 1, text.Count(IsLineBreak) + 2));
                Assert.All(result.Diagnostics, mistake => Assert.StartsWith("EPL", mistake.Code, StringComparison.Ordinal));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }
    }

    // The characters that end a line of YAML. The end of the file is a position after the last line.
    private static bool IsLineBreak(char c) => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';

    private static PipelineReadResult Read(string text) => PipelineReader.Read(text, "x", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
}
