using System.Text;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Streams.Tests.Declared;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Base class: a directory with queues and maps, and circuits over them.</summary>
public abstract class CircuitCase : IDisposable
{
    /// <summary>The beginning of the test circuits: the types Reading and Alarm.</summary>
    private protected const string Head = """
        escir_version: "0.8.0"
        name: acme.test.v1
        version: "1.2.3"
        types:
          - name: Reading
            fields:
              - { name: device, type: string }
              - { name: at, type: timestamp }
              - { name: value, type: f64, optional: true }
              - { name: steps, type: i64, optional: true }
          - name: Alarm
            fields:
              - { name: device, type: string }
              - { name: level, type: i64 }

        """;

    private readonly TempDirectory _directory = new();

    private protected CircuitCase()
    {
        Resources = new Resources(_directory.Path);
    }

    private protected Resources Resources { get; private set; }

    private protected TempDirectory Directory => _directory;

    public virtual void Dispose()
    {
        Resources.Dispose();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static CircuitReadResult Read(string text) =>
        CircuitReader.Read(text, "test.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);

    private protected static Circuit Declare(string rest, string name = "acme.test.v1")
    {
        CircuitReadResult result = Read(Head.Replace("acme.test.v1", name, StringComparison.Ordinal) + rest);
        Assert.True(result.Diagnostics.Count == 0, string.Join('\n', result.Diagnostics));
        return result.Circuit!;
    }

    /// <summary>Opens a circuit and processes all messages.</summary>
    /// <returns>The number of rejected messages, by output.</returns>
    private protected long[] Run(Circuit circuit)
    {
        RunningPipeline[] running = [.. circuit.Pipelines.Select(pipeline => pipeline.Open(Resources))];
        foreach (RunningPipeline one in running)
        {
            one.Results.RunToEnd();
            foreach (var rejects in one.Rejects)
            {
                rejects.RunToEnd();
            }
        }

        long[] rejected = [.. running.Select(one => one.Rejected)];
        Array.ForEach(running, one => one.Dispose());
        return rejected;
    }

    /// <summary>Closes and reopens everything, as after a restart.</summary>
    private protected void Reopen()
    {
        Resources.Dispose();
        Resources = new Resources(_directory.Path);
    }

    /// <summary>Creates queues with the smallest segments, before other code opens them with larger segments.</summary>
    private protected void MakeSmall(params string[] queues)
    {
        foreach (string queue in queues)
        {
            EstreamQueue.Open(_directory.Combine("queues", queue), new QueueOptions { SegmentBytes = 64 << 10 }).Dispose();
        }
    }

    private protected void Append(string queue, EsfSchema schema, params string[] messages)
    {
        using QueueAppender appender = Resources.Queue(queue).CreateAppender();
        foreach (string message in messages)
        {
            byte[] buffer = new byte[message.Length + 2_000];
            EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(message), buffer, out int length);
            Assert.True(status.IsOk, status.ToString());
            appender.Append(buffer.AsSpan(0, length));
        }
    }

    private protected List<string> Texts(string queue, EsfSchema schema)
    {
        using QueueTailer tailer = Resources.Queue(queue).CreateTailer();
        List<string> texts = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            EsfStatus status = EsfValidator.CheckStored(schema, message.Payload);
            Assert.True(status.IsOk, status.ToString());
            texts.Add(EsfJson.ToText(schema, message.Payload));
        }

        return texts;
    }

    private protected byte[] FirstMessage(string queue)
    {
        using QueueTailer tailer = Resources.Queue(queue).CreateTailer();
        return tailer.TryRead(out QueueMessage message) ? message.Payload.ToArray() : [];
    }

    private protected string? Entry(string map, string key, EsfSchema schema)
    {
        Assert.True(Utf8Key64.TryCreate(key, out Utf8Key64 text));
        return Resources.Map(map).TryGet(in text, out LatestEntry entry) ? EsfJson.ToText(schema, entry.Message) : null;
    }
}
