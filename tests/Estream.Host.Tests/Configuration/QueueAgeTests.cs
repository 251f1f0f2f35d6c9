using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: queues that declared pipelines write use the retention of their schemas, for results, late events and rejected
/// messages.</summary>
public sealed class QueueAgeTests : IDisposable
{
    private const string Schemas = """
        version: "1.0"
        namespace: plant.ages
        schemas:
          Brief: { retention: { duration_minutes: 1 }, fields: { device: { type: string(64) }, at: { type: timestamp }, value: { type: f64 } } }
          Week: { retention: { duration_days: 7 }, fields: { device: { type: string(64) }, at: { type: timestamp }, value: { type: f64 } } }
          Hour: { retention: { duration_hours: 1 }, fields: { device: { type: string(64) }, at: { type: timestamp }, holder: { type: string(16), optional: true, privacy: encrypted } } }
          Year: { retention: { duration_days: 365 }, fields: { device: { type: string(64) }, at: { type: timestamp }, holder: { type: string(16), optional: true, privacy: encrypted } } }
        """;

    private const string Pipelines = """
        version: "1.0"
        schemas: [ages.esf.yaml]
        pipelines:
          brief:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages: [{ transform: { schema: Brief, set: { device: device_id, at: timestamp, value: value } } }]
            to: { queue: brief }
            rejected: rejected
          also-brief:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages: [{ transform: { schema: Brief, set: { device: device_id, at: timestamp, value: value } } }]
            to: { queue: mixed }
          week:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages: [{ transform: { schema: Week, set: { device: device_id, at: timestamp, value: value } } }]
            to: { queue: mixed }
          hour:
            from: { queue: hours, schema: Hour }
            stages: [{ transform: { schema: Week, set: { device: device, at: at, value: "1.0" } } }]
            to: { queue: mixed }
            rejected: hour-rejected
          year:
            from: { queue: years, schema: Year }
            stages: [{ transform: { schema: Week, set: { device: device, at: at, value: "1.0" } } }]
            to: { queue: mixed }
            rejected: year-rejected
          sums:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - transform: { schema: Week, set: { device: device_id, at: timestamp, value: value } }
              - window: { tumbling: 1m, time: at, key: device, late: late, schema: Brief, set: { device: key, at: start, value: { sum: value } } }
            to: { queue: sums }
          near:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - transform: { schema: Week, set: { device: device_id, at: timestamp, value: value } }
              - join:
                  with: { queue: points, schema: IoTTelemetry, time: timestamp, key: device_id }
                  as: point
                  within: 1s
                  time: at
                  key: device
                  late: late-near
                  schema: Brief
                  set: { device: device, at: at, value: point.value }
            to: { queue: near }
        """;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("telemetry", 0)]
    [InlineData("brief", 1)]
    [InlineData("rejected", 30 * 24 * 60)]
    [InlineData("hour-rejected", 60)]
    [InlineData("year-rejected", 30 * 24 * 60)]
    [InlineData("dead-letters", 30 * 24 * 60)]
    [InlineData("mixed", 7 * 24 * 60)]
    [InlineData("sums", 1)]
    [InlineData("late", 7 * 24 * 60)]
    [InlineData("near", 1)]
    [InlineData("late-near", 7 * 24 * 60)]
    [InlineData("points", 0)]
    public void A_queue_written_by_pipelines_uses_the_retention_of_their_schemas(string queue, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), Plan().Queues[queue].RetainedAge);

    [Fact]
    public void The_configuration_overrides_the_schema() =>
        Assert.Equal(TimeSpan.FromHours(12), Plan("\"RetainedAge\":\"12h\"").Queues["brief"].RetainedAge);

    [Fact]
    public async Task Results_of_a_pipeline_are_deleted_after_the_retention_of_the_schema()
    {
        const int Messages = 2_000;
        HostConfiguration plan = Plan();
        ManualClock clock = new();
        plan.Queues["brief"] = plan.Queues["brief"] with { SegmentBytes = 65_536, Clock = clock };
        AppendReadings(plan.Data.Queue("telemetry"), Messages);
        string first = Path.Combine(plan.Data.Queue("brief"), "000000000000.seg");
        await using HostComponents parts = await HostComponents.OpenAsync(plan, SystemClock.Instance, NullLoggerFactory.Instance);
        Assert.Equal(Messages, parts.Pipelines.Single(pipeline => pipeline.Running.Declaration.Name == "brief").Running.Results.RunToEnd());
        Assert.True(parts.Queues["brief"].Queue.GetInfo().EndPosition > 65_536);
        Assert.True(File.Exists(first));
        clock.Pass(TimeSpan.FromSeconds(61));
        Eventually.True(() => !File.Exists(first), "the first segment of results is deleted");
        Assert.Equal(Messages, parts.Queues["brief"].Queue.GetInfo().NextSequence);
        Assert.Equal(Messages, parts.Queues["telemetry"].Queue.GetInfo().NextSequence);
    }

    private HostConfiguration Plan(string ofBrief = "")
    {
        File.WriteAllText(_directory.Combine("ages.esf.yaml"), Schemas);
        string file = _directory.Combine("ages.pipeline.yaml");
        File.WriteAllText(file, Pipelines);
        string json = $$$$$"""
            {"Estream":{"Data":{{{{{JsonSerializer.Serialize(_directory.Combine("data"))}}}}},"Pipelines":[{{{{{JsonSerializer.Serialize(file)}}}}}],
             "Queues":{"telemetry":{},"brief":{{{{{{ofBrief}}}}}},"rejected":{},"mixed":{},"sums":{},"late":{},"near":{},"late-near":{},"points":{},"hours":{},"years":{},"hour-rejected":{},"year-rejected":{}}}}
            """;
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        SettingErrors errors = new();
        PipelineFiles files = PipelineFiles.Load(configuration, new SchemaLookup(EsfSchemaSet.BuiltIn), errors);
        Assert.Empty(errors.Items);
        using ConfigurationCase good = new(json);
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings() with { Pipelines = files.Pipelines }, files.Schemas.Schemas);
        return plan;
    }

    private static void AppendReadings(string directory, int count)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        byte[] message = new byte[512];
        using EstreamQueue queue = EstreamQueue.Open(directory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < count; i++)
        {
            Assert.True(
                EsfJson.TryEncode(schema,
                    Encoding.UTF8.GetBytes($$"""{"device_id":"pump-7","timestamp":{{i}},"metric_name":"m","value":{{i}}}"""), message,
                    out int length).IsOk);
            appender.Append(message.AsSpan(0, length));
        }
    }
}
