using System.Text;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>Base class: circuits with <c>stream_pattern: media</c>, their pieces and their objects.</summary>
public abstract class MediaCase : CircuitCase
{
    private protected const int ChunkBytes = 64 << 10;

    private protected const string PieceTypes = """
        escir_version: "0.8.0"
        name: acme.test.v1
        version: "1.2.3"
        types:
          - name: Piece
            fields:
              - { name: name, type: string, optional: true }
              - { name: media_type, type: string, optional: true }
              - { name: piece, type: i64, optional: true }
              - { name: data, type: bytes }
              - { name: last, type: bool, optional: true }
          - name: Whole
            fields:
              - { name: name, type: string }
              - { name: data, type: bytes }

        """;

    private protected const string Rest = """
        inputs: [{ name: in, type: Piece }]
        outputs: [{ name: films, type: Piece }]
        compute: [{ id: all, type: filter, when: has(data) }]
        flows: [in -> all -> films]
        annotations: { stream_pattern: media }
        rejected: bad
        max_bytes: 100000
        """;

    private protected static readonly Circuit s_circuit = DeclareMedia(Rest);

    private protected static Circuit DeclareMedia(string rest, string name = "acme.test.v1")
    {
        CircuitReadResult result = Read(PieceTypes.Replace("acme.test.v1", name, StringComparison.Ordinal) + rest);
        Assert.True(result.Diagnostics.Count == 0, string.Join('\n', result.Diagnostics));
        return result.Circuit!;
    }

    private protected static byte[] Content(int seed, int length)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    private protected static List<EsfMediaObject> Objects(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var objects = new EsfMediaTailer(tailer);
        List<EsfMediaObject> found = [];
        while (objects.TryRead(out EsfMediaObject? media))
        {
            found.Add(media);
        }

        return found;
    }

    private protected List<EsfMediaObject> Objects() => Objects(Resources.Queue("films"));

    private protected List<(string Name, long Pieces, string Reason)> Abandoned()
    {
        using QueueTailer tailer = Resources.Queue("films").CreateTailer();
        List<(string, long, string)> found = [];
        var objects = new EsfMediaTailer(tailer) { Abandoned = one => found.Add((one.Name, one.Pieces, one.Reason)) };
        while (objects.TryRead(out _))
        {
        }

        return found;
    }

    private protected static byte[] Read(EsfMediaObject media, ByteMap store)
    {
        using Stream stream = media.OpenRead(store);
        byte[] content = new byte[media.Length];
        stream.ReadExactly(content);
        return content;
    }

    private protected byte[] Read(EsfMediaObject media) => Read(media, Resources.Chunks("films"));

    private protected void Append(string name, long piece, byte[] data, bool isLast = false, string mediaType = "") =>
        AppendMessage("in", s_circuit.Inputs[0].Schema, ("name", Encoding.UTF8.GetBytes(name)),
            ("media_type", Encoding.UTF8.GetBytes(mediaType)), ("piece", piece), ("data", data), ("last", isLast));

    private protected byte[] LastMessage(string queue)
    {
        using QueueTailer tailer = Resources.Queue(queue).CreateTailer();
        byte[] last = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            last = message.Payload.ToArray();
        }

        return last;
    }

    private protected void AppendMessage(string queue, EsfSchema schema, params (string Field, object Value)[] values)
    {
        EsfMessageBuilder builder = EsfMessageBuilder.Begin(schema, new byte[200_000]);
        foreach ((string name, object value) in values)
        {
            Assert.True(schema.TryGetField(name, out EsfField? field));
            bool isSet = value switch
            {
                byte[] bytes => builder.TrySet(field, bytes),
                bool flag => builder.TrySet(field, flag),
                _ => builder.TrySet(field, (Int128)(long)value),
            };
            Assert.True(isSet, name);
        }

        Assert.True(builder.TryFinish(out ReadOnlySpan<byte> message));
        using QueueAppender appender = Resources.Queue(queue).CreateAppender();
        appender.Append(message);
    }
}
