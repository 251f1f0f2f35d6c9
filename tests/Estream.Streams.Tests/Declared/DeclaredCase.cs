using System.Text;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>Base class with a directory, schemas, and declared pipelines over them.</summary>
public abstract class DeclaredCase : IDisposable
{
    private protected const string Schemas = """
        version: "1.0"
        namespace: acme
        schemas:
          Reading:
            fields:
              device: { type: string(32) }
              at: { type: timestamp }
              value: { type: f64, optional: true }
              count: { type: i64, optional: true }
              state: { type: State, optional: true }
          Hot:
            fields:
              name: { type: string(32) }
              celsius: { type: f32, optional: true }
              small: { type: u8, optional: true }
              is_hot: { type: bool }
              state: { type: State, optional: true }
              at: { type: timestamp, optional: true }
          Placed:
            extends: Hot
            fields:
              floor: { type: i16 }
          Mean:
            fields:
              device: { type: string(64) }
              start: { type: timestamp }
              until: { type: timestamp }
              revision: { type: u32, optional: true }
              events: { type: u64 }
              mean_value: { type: f64, optional: true }
              most: { type: f64, optional: true }
              total: { type: i64, optional: true }
          Limit:
            lattice: acme.limits
            path: /devices/{device}/limit
            fields:
              device: { type: string(32) }
              at: { type: timestamp }
              high: { type: f64 }
          Checked:
            fields:
              device: { type: string(32) }
              above: { type: f64, optional: true }
          Named: { fields: { id: { type: string(4) }, events: { type: u64 } } }
          Numbered: { fields: { id: { type: u8 }, events: { type: u64 } } }
          Secret:
            fields:
              device: { type: string(32) }
              badge: { type: string(16), optional: true, privacy: encrypted }
          Card:
            fields:
              number: { type: string(32), privacy: tokenized }
          Parted:
            fields:
              device: { type: string(32) }
              badge: { type: string(16), optional: true, privacy: { default_level: encrypted, sublex: badges } }
        enums:
          State: { values: [Idle, Busy] }
        """;

    private readonly TempDirectory _directory = new();

    private protected DeclaredCase()
    {
        Known = EsfSchemaSet.Parse(new EsfSchemaFile("acme.esf.yaml", Schemas));
        Resources = new Resources(_directory.Path);
    }

    private protected EsfSchemaSet Known { get; }

    private protected Resources Resources { get; }

    public virtual void Dispose()
    {
        Resources.Dispose();
        _directory.Dispose();
    }

    private protected DeclaredPipeline Declare(string pipeline)
    {
        string text = "version: \"1.0\"\npipelines:\n  " + pipeline.ReplaceLineEndings("\n").Replace("\n", "\n  ", StringComparison.Ordinal)
            + "\n";
        PipelineReadResult result = PipelineReader.Read(text, "test.pipeline.yaml", Known, _ => EsfSchemaSet.Empty);
        Assert.True(result.Diagnostics.Count == 0, string.Join('\n', result.Diagnostics));
        return Assert.Single(result.Pipelines);
    }

    /// <summary>Opens a pipeline and processes all messages in its queues.</summary>
    private protected RunningPipeline Run(string pipeline)
    {
        RunningPipeline running = Declare(pipeline).Open(Resources);
        RunToEnd(running);
        return running;
    }

    private protected static void RunToEnd(RunningPipeline running)
    {
        running.Results.RunToEnd();
        foreach (EsfPipeline rejects in running.Rejects)
        {
            rejects.RunToEnd();
        }
    }

    private protected void Append(string queue, string schema, params string[] messages)
    {
        using QueueAppender appender = Resources.Queue(queue).CreateAppender();
        foreach (string message in messages)
        {
            appender.Append(Encode(schema, message));
        }
    }

    private protected byte[] Encode(string schema, string json)
    {
        Assert.True(Known.TryGet(schema, out EsfSchema? found));
        byte[] buffer = new byte[2_000];
        EsfStatus status = EsfJson.TryEncode(found, Encoding.UTF8.GetBytes(json), buffer, out int length);
        Assert.True(status.IsOk, status.ToString());
        return buffer[..length];
    }

    /// <summary>Returns the messages of a queue after validating each against its schema.</summary>
    private protected List<string> Read(string queue)
    {
        EsfSchemaSet all = EsfSchemaSet.BuiltIn.With(Known);
        using QueueTailer tailer = Resources.Queue(queue).CreateTailer();
        List<string> texts = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(all.TryGet(message.Payload, out EsfSchema? schema));
            EsfStatus status = EsfValidator.CheckStored(schema, message.Payload);
            Assert.True(status.IsOk, status.ToString());
            texts.Add(EsfJson.ToText(schema, message.Payload));
        }

        return texts;
    }

    private protected string? Entry(string map, string key)
    {
        Assert.True(Utf8Key64.TryCreate(key, out Utf8Key64 text));
        return Resources.Map(map).TryGet(in text, out LatestEntry entry) && Known.TryGet(entry.Message, out EsfSchema? schema)
            ? EsfJson.ToText(schema, entry.Message)
            : null;
    }
}
