using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;

namespace Estream.Circuits.TestProcess;

/// <summary>A circuit that joins pieces of large objects. The number of a message determines its piece: the objects of each lane follow one
/// another under the same name, and the lanes take turns.</summary>
public sealed class MediaWork : IPipelineResources, IDisposable
{
    /// <summary>The number of objects in progress at a time.</summary>
    public const int Lanes = 4;

    /// <summary>The number of pieces of an object.</summary>
    public const int Pieces = 25;

    private const int MostAtOnce = 40;

    private const string Text = """
        escir_version: "0.8.0"
        name: work.media.v1
        version: "1.0.0"
        types:
          - name: Piece
            fields:
              - { name: name, type: string }
              - { name: piece, type: i64 }
              - { name: data, type: bytes }
              - { name: last, type: bool }
        inputs: [{ name: pieces, type: Piece }]
        outputs: [{ name: films, type: Piece }]
        compute: [{ id: all, type: filter, when: piece >= 0 }]
        flows: [pieces -> all -> films]
        annotations: { stream_pattern: media }
        """;

    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly string _directory;
    private readonly Circuit _circuit;
    private readonly EsfSchema _piece;
    private ByteMap? _chunks;

    /// <summary>Opens the queues in a directory, or creates them. Does not open the circuit.</summary>
    public MediaWork(string directory)
    {
        _directory = directory;
        CircuitReadResult read = CircuitReader.Read(Text, "work.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        _circuit = read.Circuit ?? throw new InvalidOperationException(string.Join('\n', read.Diagnostics));
        _piece = _circuit.Inputs[0].Schema;
    }

    public static int RunUntilKilled(string directory)
    {
        using MediaWork work = new(directory);
        using RunningPipeline running = work.Open();
        Random random = new();
        Console.WriteLine("running");
        for (int round = 0; ; round++)
        {
            work.Append(random.Next(MostAtOnce));
            running.Results.RunToEnd();
            if (round == 10)
            {
                Console.WriteLine("under way");
            }
        }
    }

    /// <summary>Returns the data of a message.</summary>
    public static byte[] DataOf(long number)
    {
        byte[] data = new byte[3_000 + (number * 7_919 % 6_000)];
        new Random((int)number).NextBytes(data);
        return data;
    }

    /// <summary>Returns the number of the message with a piece of an object.</summary>
    public static long NumberOf(int lane, long index, int piece) => (((index * Pieces) + piece) * Lanes) + lane;

    /// <summary>Opens the circuit. The caller disposes it.</summary>
    public RunningPipeline Open() => _circuit.Pipelines.Single().Open(this);

    public EstreamQueue Queue(string name)
    {
        if (!_queues.TryGetValue(name, out EstreamQueue? queue))
        {
            _queues.Add(name,
                queue = EstreamQueue.Open(Path.Combine(_directory, "queues", name), new QueueOptions { SegmentBytes = 256 << 10 }));
        }

        return queue;
    }

    public ByteMap Chunks(string queue) => _chunks ??= ByteMap.Open(Path.Combine(_directory, "media", queue));

    public StateMap<Utf8Key64, LatestEntry> Map(string name) => throw new NotSupportedException("The circuit has no maps.");

    public string StateDirectory(string pipeline) => throw new NotSupportedException("The circuit keeps no state.");

    public EsfSealer Sealer(EsfSchema schema) => throw new NotSupportedException($"{schema} is not sealed here.");

    public void Dispose()
    {
        _chunks?.Dispose();
        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }
    }

    private void Append(int count)
    {
        using QueueAppender appender = Queue("pieces").CreateAppender(AppenderMode.Exclusive);
        byte[] place = new byte[12_000];
        for (int i = 0; i < count; i++)
        {
            long number = appender.NextSequence;
            long step = number / Lanes;
            EsfMessageBuilder piece = EsfMessageBuilder.Begin(_piece, place);
            byte[] name = Encoding.UTF8.GetBytes((number % Lanes).ToString(CultureInfo.InvariantCulture));
            bool isSet = piece.TrySet(FieldOf("name"), name)
                & piece.TrySet(FieldOf("piece"), (Int128)(step % Pieces))
                & piece.TrySet(FieldOf("data"), DataOf(number))
                & piece.TrySet(FieldOf("last"), step % Pieces == Pieces - 1);
            if (!isSet || !piece.TryFinish(out ReadOnlySpan<byte> message))
            {
                throw new InvalidOperationException($"The message {number} cannot be made.");
            }

            appender.Append(message);
        }
    }

    private EsfField FieldOf(string name) => _piece.TryGetField(name, out EsfField? field)
        ? field
        : throw new ArgumentException($"{_piece} has no '{name}'.", nameof(name));
}
