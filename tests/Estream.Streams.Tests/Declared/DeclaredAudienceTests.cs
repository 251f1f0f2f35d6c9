using System.Text;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>Declared pipelines that read only messages of an audience and public messages.</summary>
public sealed class DeclaredAudienceTests : IDisposable
{
    private static readonly EsfSchemaSet s_known = EsfSchemaSet.Parse(new EsfSchemaFile("visits.esf.yaml", """
        version: "1.0"
        namespace: acme.visits
        schemas:
          Visit:
            fields:
              id: { type: u64 }
              bill: { type: string(16), optional: true, privacy: { default_level: encrypted, audiences: [{ audience: payer, level: public }] } }
              finding: { type: string(16), optional: true, privacy: { default_level: encrypted, audiences: [{ audience: provider, level: public }] } }
        """));

    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly TempDirectory _directory = new();
    private readonly Resources _places;

    public DeclaredAudienceTests()
    {
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("payer", _key.PublicKey).With("provider", _key.PublicKey);
        _places = new Resources(_directory.Path, keys);
        using EsfSealer sealer = new(SchemaOf("Visit"), keys);
        using QueueAppender visits = _places.Queue("visits").CreateAppender();
        foreach (string json in (string[])["""{"id":1}""", """{"id":2,"bill":"b"}""", """{"id":3,"finding":"f"}""",
            """{"id":4,"bill":"b","finding":"f"}""", """{"id":9}"""])
        {
            byte[] message = new byte[8_000];
            Assert.True(sealer.Seal(Encode("Visit", json), message, out int length).IsOk);
            visits.Append(message.AsSpan(0, length));
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _directory.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void Source_reads_only_messages_of_its_audiences()
    {
        DeclaredPipeline bills = Run("bills: { from: { queue: visits, schema: Visit, audience: payer }, to: { queue: bills } }", passed: 1);
        Assert.Equal(["payer"], bills.Audiences);
        Assert.Equal([1, 2, 4, 9], Ids("bills", "Visit"));
    }

    private static EsfSchema SchemaOf(string name) => s_known.TryGet(name, out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException(name);

    private static byte[] Encode(string schema, string json)
    {
        byte[] message = new byte[500];
        Assert.True(EsfJson.TryEncode(SchemaOf(schema), Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
        return message[..length];
    }

    private DeclaredPipeline Run(string pipeline, long passed)
    {
        PipelineReadResult read = PipelineReader.Read("version: \"1.0\"\npipelines:\n  " + pipeline + "\n", "visits.pipeline.yaml", s_known,
            _ => EsfSchemaSet.Empty);
        Assert.True(read.Diagnostics.Count == 0, string.Join('\n', read.Diagnostics));
        DeclaredPipeline declared = Assert.Single(read.Pipelines);
        using RunningPipeline running = declared.Open(_places);
        running.Results.RunToEnd();
        Assert.Equal(passed, running.Results.Passed);
        return declared;
    }

    private List<long> Ids(string queue, string schema)
    {
        using QueueTailer tailer = _places.Queue(queue).CreateTailer();
        List<long> seen = [];
        Assert.True(SchemaOf(schema).TryGetField("id", out EsfField? id));
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(EsfValidator.CheckStored(SchemaOf(schema), message.Payload).IsOk);
            Assert.True(id.TryGetInt64(message.Payload, out long number));
            seen.Add(number);
        }

        return seen;
    }
}
