using System.Numerics;
using System.Text;
using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Circuits.Running;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Running;
using Estream.Streams.Transactions;

namespace Estream.Circuits.Testing;

/// <summary>
/// Runs a circuit over a few messages, in temporary queues and maps, and returns its results and rejections. Private fields of results are
/// sealed with temporary keys and returned as plaintext. For the stream patterns <c>media</c> and <c>mpc_session</c>, the results are the
/// pieces or numbers. Not thread-safe.
/// </summary>
/// <remarks>Creates some files in the directory for temporary files. The trial runs the same plans as a host, over the same kinds of queues
/// and maps.</remarks>
public sealed class CircuitTrial : IPipelineResources, IDisposable
{
    private const long LeastSegmentBytes = 4 << 20;
    private const long MostSegmentBytes = 1 << 30;

    // Never the name of a circuit's queue, because such names begin with a letter.
    private const string Rejects = "-rejected";

    private readonly Circuit _circuit;
    private readonly string _rejected;
    private readonly long _segmentBytes;
    private readonly Dictionary<string, EstreamQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StateMap<Utf8Key64, LatestEntry>> _maps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QueueAppender> _appenders = new(StringComparer.Ordinal);
    private readonly OperationStores _stores;
    private TrialKeys? _keys;

    /// <summary>Creates the trial.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <exception cref="InvalidOperationException">A node is bound to code that was not supplied, or the circuit is an
    /// operation alone.</exception>
    public CircuitTrial(Circuit circuit)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        if (circuit.IsCallable)
        {
            throw new InvalidOperationException($"{circuit} is an operation. Use {nameof(OperationTrial)} for it.");
        }

        if (circuit.Nodes.FirstOrDefault(node => !node.CanRun) is CircuitNode bound)
        {
            throw new InvalidOperationException(
                $"The node '{bound.Id}' of {circuit} has no code. Supply it with "
                + $"{nameof(Circuit.Bind)}.");
        }

        _rejected = circuit.RejectedQueue ?? Rejects;

        // All results of one message, over all paths, must fit into a segment.
        int routes = CircuitPipelines.Of(circuit, _rejected, isTrial: true).Select(pipeline => pipeline.MaxRoutes).DefaultIfEmpty(1).Max();
        _segmentBytes =
            (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(2L * routes * circuit.MaxBytes, LeastSegmentBytes, MostSegmentBytes));
        Root = Directory.CreateTempSubdirectory("estream-circuit-").FullName;
        _stores = new OperationStores(Queue, map => Path.Combine(Root, "operations", map),
            new[] { circuit.Operation }.OfType<CircuitOperation>(), new LocalReplicationEngine(Path.Combine(Root, "replicas")));
        _circuit = circuit.Operation is { } operation
            ? TriggeredOperation.Bind(circuit, _stores.Of(operation), CpuTarget.Instance)
            : circuit;
    }

    /// <summary>The directory of the trial's queues and maps.</summary>
    internal string Root { get; }

    /// <summary>Appends a message to the stream of an input.</summary>
    /// <param name="input">The name of the input.</param>
    /// <param name="message">A message of the type of the input.</param>
    /// <exception cref="ArgumentException">There is no such input, or the message is not of its type.</exception>
    public void Append(string input, ReadOnlySpan<byte> message)
    {
        CircuitPort port = _circuit.Inputs.FirstOrDefault(port => port.Name == input)
            ?? throw new ArgumentException($"{_circuit} has no input '{input}'.", nameof(input));
        // Accepts plaintext and sealed messages: private content is deleted with the trial.
        EsfStatus status = EsfValidator.Check(port.Schema, message);
        if (!status.IsOk)
        {
            throw new ArgumentException($"The message is not a valid {port.Schema}: {status.Describe(message)}", nameof(message));
        }

        AppenderOf(port.Queue!).Append(message);
    }

    /// <summary>Appends a message to the queue of an output as if an earlier run had written it, for circuits that read their own results.
    /// The message is included in the results.</summary>
    /// <param name="output">The name of the output, which must be a queue.</param>
    /// <param name="message">A message of the type of the output.</param>
    internal void AppendResult(string output, ReadOnlySpan<byte> message) =>
        AppenderOf(_circuit.Outputs.First(port => port.Name == output).Queue!).Append(message);

    /// <summary>Puts a message into a map that a node looks up.</summary>
    /// <param name="map">The name of the map.</param>
    /// <param name="key">The key, at most 64 bytes of UTF-8.</param>
    /// <param name="message">The message, at most <see cref="LatestEntry.InlineBytes"/> long.</param>
    /// <exception cref="ArgumentException">The key or the message is too long.</exception>
    public void Put(string map, string key, ReadOnlySpan<byte> message)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 text) || message.Length > LatestEntry.InlineBytes)
        {
            throw new ArgumentException(
                $"A key has at most {Utf8Key64.MaxLength} bytes, and a message in a map at most {LatestEntry.InlineBytes}.", nameof(key));
        }

        LatestEntry entry = LatestEntry.Create(0, 0, 0, message);
        Map(map).Put(in text, in entry);
    }

    /// <summary>Runs all messages through the circuit.</summary>
    /// <returns>The results and rejections.</returns>
    /// <exception cref="Core.EstreamException">A node cannot continue, for example because its code threw this exception.</exception>
    public CircuitTrialResult Run()
    {
        foreach (DeclaredPipeline pipeline in CircuitPipelines.Of(_circuit, _rejected, isTrial: true))
        {
            using RunningPipeline running = pipeline.Open(this);
            running.Results.RunToEnd();
            foreach (EsfPipeline rejects in running.Rejects)
            {
                rejects.RunToEnd();
            }
        }

        Dictionary<string, IReadOnlyList<CircuitTrialMessage>> outputs =
            _circuit.Outputs.ToDictionary(output => output.Name, ResultsOf, StringComparer.Ordinal);
        return new CircuitTrialResult(outputs, [.. MessagesOf(_rejected).Select(TrialRejects.ReasonOf)]);
    }

    /// <summary>Deletes all temporary files. Idempotent.</summary>
    public void Dispose()
    {
        _stores.Dispose();
        foreach (IDisposable used in _appenders.Values.Concat<IDisposable>(_maps.Values).Concat(_queues.Values))
        {
            used.Dispose();
        }

        _appenders.Clear();
        _maps.Clear();
        _queues.Clear();
        _keys?.Dispose();
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    EstreamQueue IPipelineResources.Queue(string name) => Queue(name);

    StateMap<Utf8Key64, LatestEntry> IPipelineResources.Map(string name) => Map(name);

    string IPipelineResources.StateDirectory(string pipeline) => Path.Combine(Root, "states", pipeline);

    EsfSealer IPipelineResources.Sealer(EsfSchema schema) => (_keys ??= new TrialKeys()).SealerFor(schema);

    private EstreamQueue Queue(string name)
    {
        if (!_queues.TryGetValue(name, out EstreamQueue? queue))
        {
            _queues.Add(name,
                queue = EstreamQueue.Open(Path.Combine(Root, "queues", name), new QueueOptions { SegmentBytes = _segmentBytes }));
        }

        return queue;
    }

    private StateMap<Utf8Key64, LatestEntry> Map(string name)
    {
        if (!_maps.TryGetValue(name, out StateMap<Utf8Key64, LatestEntry>? map))
        {
            _maps.Add(name, map = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(Root, "maps", name)));
        }

        return map;
    }

    private QueueAppender AppenderOf(string queue)
    {
        if (!_appenders.TryGetValue(queue, out QueueAppender? appender))
        {
            _appenders.Add(queue, appender = Queue(queue).CreateAppender());
        }

        return appender;
    }

    private IReadOnlyList<CircuitTrialMessage> ResultsOf(CircuitPort output)
    {
        if (output.Queue is string queue)
        {
            return [.. MessagesOf(queue)
                .Select(message =>
                    new CircuitTrialMessage(null,
                        output.Schema.IsProtected && _keys is not null ? _keys.Open(output.Schema, message) : message))];
        }

        List<CircuitTrialMessage> entries = [];
        foreach ((Utf8Key64 key, LatestEntry entry) in Map(output.Map!))
        {
            entries.Add(new CircuitTrialMessage(key.ToString(), entry.Message.ToArray()));
        }

        return [.. entries.OrderBy(entry => entry.Key, StringComparer.Ordinal)];
    }

    private List<byte[]> MessagesOf(string queue)
    {
        using QueueTailer tailer = Queue(queue).CreateTailer();
        using TransactionLog? log = _circuit.TransactionLog is string name ? new TransactionLog(Queue(name)) : null;
        List<byte[]> messages = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            if (log is null || !TransactionPartRecord.View.TryOf(message.Payload, out TransactionPartRecord.View part))
            {
                messages.Add(message.Payload.ToArray());
            }
            else if (log.IsCommitted(in part) == true)
            {
                messages.Add(part.Message.ToArray());
            }
        }

        return messages;
    }
}

/// <summary>Reads dead letters.</summary>
internal static class TrialRejects
{
    private static readonly EsfField s_reason = DeadLetterMessage.Schema.Fields.First(field => field.Name == "reason");

    public static string ReasonOf(byte[] letter) => s_reason.TryGetBytes(letter, out ReadOnlySpan<byte> reason)
        ? Encoding.UTF8.GetString(reason)
        : "";
}

/// <summary>A message that a circuit has produced.</summary>
/// <param name="Key">The key, if the output is a map; otherwise null.</param>
/// <param name="Message">The bytes of the message.</param>
public sealed record CircuitTrialMessage(string? Key, ReadOnlyMemory<byte> Message);

/// <summary>The result of a trial.</summary>
/// <param name="Outputs">The messages by output name: of a queue in order, of a map ordered by key.</param>
/// <param name="Rejected">The reasons of rejections, one for each rejected message.</param>
public sealed record CircuitTrialResult(IReadOnlyDictionary<string, IReadOnlyList<CircuitTrialMessage>> Outputs,
    IReadOnlyList<string> Rejected);
