using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>The pipeline files of the guide can be read and run.</summary>
public sealed class PipelineGuideTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Pipeline_files_of_the_guide_run()
    {
        string[] blocks = [.. File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "pipelines.md")).Split("```yaml\n").Skip(1)
            .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        Assert.Equal(3, blocks.Length);
        File.WriteAllText(_directory.Combine("boiler.esf.yaml"), blocks[0]);
        using Resources places = new(_directory.Path);
        using (QueueAppender appender = places.Queue("telemetry").CreateAppender())
        {
            foreach ((string device, int second, double value) in ((string, int, double)[])[("roof-1", 1, 212), ("cellar", 2, 150),
                ("cellar", 3, 120), ("roof-1", 70, 212), ("roof-1", 200, 212)])
            {
                byte[] message = new byte[300];
                IoTTelemetry.Writer writer = IoTTelemetry.Write(message);
                writer.DeviceId = System.Text.Encoding.UTF8.GetBytes(device);
                writer.Timestamp = second * 1_000_000_000L;
                writer.MetricName = "temperature"u8;
                writer.Value = value;
                appender.Append(message.AsSpan(0, writer.Length));
            }
        }

        EsfSchemaSet known = EsfSchemaSet.BuiltIn;
        foreach (string block in blocks[1..])
        {
            string path = _directory.Combine("boiler.pipeline.yaml");
            File.WriteAllText(path, block);
            PipelineReadResult result = PipelineReader.Load(path, EsfSchemaSet.BuiltIn);
            Assert.True(result.Diagnostics.Count == 0, string.Join('\n', result.Diagnostics));
            known = result.Schemas;
            foreach (DeclaredPipeline pipeline in result.Pipelines)
            {
                using RunningPipeline running = pipeline.Open(places);
                running.Results.RunToEnd();
                foreach (EsfPipeline rejects in running.Rejects)
                {
                    rejects.RunToEnd();
                }
            }
        }

        Assert.Equal(["""{"device":"roof-1","celsius":100,"at":1000000000,"floor":9}"""], Texts(places, known, "hot").Take(1));
        Assert.Equal(4, Texts(places, known, "hot").Count);
        Assert.Equal(3, Texts(places, known, "hot-minutes").Count);
        Assert.Equal(2, places.Map("newest-hot").Count);
        Assert.Equal(["""{"device":"roof-1","at":1000000000,"is_hot":true,"celsius":100}"""], Texts(places, known, "warnings"));
    }

    private static List<string> Texts(Resources places, EsfSchemaSet known, string queue)
    {
        using QueueTailer tailer = places.Queue(queue).CreateTailer();
        List<string> texts = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(known.TryGet(message.Payload, out EsfSchema? schema));
            texts.Add(EsfJson.ToText(schema, message.Payload));
        }

        return texts;
    }
}
