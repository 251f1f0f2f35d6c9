using System.Text;
using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Base class: a directory with queues and maps, and the built-in circuits over them.</summary>
public abstract class OperationCase : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly List<IDisposable> _owned = [];

    private protected TempDirectory Directory => _directory;

    private protected ManualClock Clock { get; } = new();

    public virtual void Dispose()
    {
        End();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Generates so few distinct values that they repeat.</summary>
    private protected static Gen<byte[]> FewBytes { get; } =
        from length in Gen.Choose(0, 3)
        from bytes in Gen.Choose(0, 2).Select(value => (byte)value).ArrayOf(length)
        select bytes;

    private protected static string FileOf(string operation) =>
        RepositoryRoot.Combine("circuits", $"{operation}.v1", $"{operation}.v1.circuit.yaml");

    private protected static Circuit Load(string operation) => Circuit.Load(FileOf(operation));

    private protected static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] buffer = new byte[200_000];
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), buffer, out int length);
        Assert.True(status.IsOk, status.ToString());
        return buffer[..length];
    }

    /// <summary>Closes everything, newest first, like a process that ends.</summary>
    private protected void End()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        _owned.Clear();
    }

    private protected EstreamQueue Queue(string name, QueueOptions? options = null) =>
        Own(EstreamQueue.Open(_directory.Combine("queues", name), options ?? new QueueOptions { SegmentBytes = 64 << 10 }));

    private protected ByteMap Plain(string name, IChangeSink? changes = null, IStorage? storage = null) =>
        Own(ByteMap.Open(_directory.Combine("maps", name),
            new ByteMapOptions { Clock = Clock, Changes = changes, Storage = storage ?? FileStorage.Instance }));

    private protected VersionedByteMap Versioned(string name, IChangeSink? changes = null) =>
        Own(VersionedByteMap.Open(_directory.Combine("maps", name), new ByteMapOptions { Clock = Clock, Changes = changes }));

    private protected OperationMap MapOf(bool hasVersions, string name, IChangeSink? changes = null) =>
        hasVersions ? OperationMap.Of(Versioned(name, changes)) : OperationMap.Of(Plain(name, changes));

    private protected OperationCircuit Open(string operation, OperationResources places) =>
        Own(OperationCircuit.Open(Load(operation), places));

    private protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    private protected static OperationResources With(EstreamQueue log) =>
        new() { Queues = new Dictionary<string, EstreamQueue> { ["log"] = log } };

    private protected static OperationResources With(OperationMap state) =>
        new() { Maps = new Dictionary<string, OperationMap> { ["state"] = state } };

    /// <summary>Executes a request.</summary>
    /// <returns>The result as JSON.</returns>
    private protected static string Do(OperationCircuit circuit, string request) =>
        EsfJson.ToText(circuit.Operation.Result, circuit.Run(Encode(circuit.Operation.Request, request)));

    /// <summary>Asserts that the longest allowed key is accepted and one byte more is refused.</summary>
    private protected static void AssertTakesKeysUpToTheLongest(OperationCircuit circuit)
    {
        Assert.Equal("""{"status":"Absent"}""", Do(circuit, $$"""{"key":"{{new string('0', 2 * ByteMap.MaxKeyBytes)}}"}"""));
        Assert.Equal("""{"status":"TooLong"}""", Do(circuit, $$"""{"key":"{{new string('0', 2 * (ByteMap.MaxKeyBytes + 1))}}"}"""));
    }

    private protected static List<string> Texts(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        List<string> texts = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            texts.Add(Encoding.UTF8.GetString(message.Payload));
        }

        return texts;
    }

    /// <summary>Returns the entries of a map as text.</summary>
    private protected static List<string> Entries(OperationMap map)
    {
        List<string> entries = [];
        if (map.Plain is not null)
        {
            foreach (ByteMapEntry entry in map.Plain)
            {
                entries.Add($"{Convert.ToHexString(entry.Key)}={Convert.ToHexString(entry.Value)}");
            }
        }
        else
        {
            foreach (VersionedByteMapEntry entry in map.Versioned!)
            {
                entries.Add($"{Convert.ToHexString(entry.Key)}={Convert.ToHexString(entry.Value)} {entry.Version} {entry.ExpiresAt}");
            }
        }

        entries.Sort(StringComparer.Ordinal);
        return entries;
    }

    private protected static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
